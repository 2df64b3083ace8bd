/** How a fake Electron behaves; handed over in the environment of its process. */
export interface FakeOptions {
  readonly isPackaged: boolean
  readonly appFolder: string
  readonly userData: string
  /** Switches of Chromium on the command line. */
  readonly switches: readonly string[]
  /** Whether another instance runs already. */
  readonly isSecond: boolean
  /** What the folder dialog answers; null: closed. */
  readonly pickedFolder: string | null
}

/** What the shell asked of Electron, in the order it asked. */
export interface Recorded {
  readonly windows: { options: Record<string, unknown>; address: string; isVisible: boolean; isOpen: boolean }[]
  /** What was sent to the page. */
  readonly sent: { channel: string; args: unknown[] }[]
  readonly channels: string[]
  readonly schemes: unknown[]
  readonly handledSchemes: string[]
  readonly protocolClients: unknown[][]
  readonly openedOutside: string[]
  readonly shownInFolder: string[]
  readonly notifications: { title: string; body: string }[]
  readonly errors: { title: string; message: string }[]
  /** Labels or roles of the application menu and of the tray's. */
  readonly menus: { label: string; items: string[] }[]
  /** Names of functions of Electron that were called once and for all. */
  readonly called: string[]
  exitCode: number | null
  hasQuit: boolean
}

export function emptyRecord(): Recorded {
  return {
    windows: [],
    sent: [],
    channels: [],
    schemes: [],
    handledSchemes: [],
    protocolClients: [],
    openedOutside: [],
    shownInFolder: [],
    notifications: [],
    errors: [],
    menus: [],
    called: [],
    exitCode: null,
    hasQuit: false,
  }
}
