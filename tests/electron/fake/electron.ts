/** The part of Electron's main process that the shell uses, as a record of what was asked and switches to answer it. Tests only. */
import { EventEmitter } from 'node:events'
import path from 'node:path'
import { emptyRecord, type FakeOptions } from './record.ts'

const options = JSON.parse(process.env['FAKE_ELECTRON'] ?? '{}') as FakeOptions
export const record = emptyRecord()

export class FakeEvent {
  wasPrevented = false
  readonly url: string
  constructor(url = '') {
    this.url = url
  }
  preventDefault(): void {
    this.wasPrevented = true
  }
}

const paths = new Map([
  ['userData', options.userData],
  ['music', path.join(options.userData, 'Music')],
])

class App extends EventEmitter {
  readonly isPackaged = options.isPackaged
  readonly commandLine = { hasSwitch: (name: string) => options.switches.includes(name) }
  whenReady(): Promise<void> {
    return Promise.resolve()
  }
  getAppPath(): string {
    return options.appFolder
  }
  getVersion(): string {
    return '0.0.0-fake'
  }
  getPath(name: string): string {
    return paths.get(name) ?? ''
  }
  setPath(name: string, value: string): void {
    paths.set(name, value)
    record.called.push(`setPath ${name} ${value}`)
  }
  requestSingleInstanceLock(): boolean {
    record.called.push('requestSingleInstanceLock')
    return !options.isSecond
  }
  setAsDefaultProtocolClient(...args: unknown[]): boolean {
    record.protocolClients.push(args)
    return true
  }
  setAppUserModelId(): void {}
  enableSandbox(): void {
    record.called.push('enableSandbox')
  }
  exit(code: number): void {
    record.exitCode ??= code
  }
  quit(): void {
    const event = new FakeEvent()
    this.emit('before-quit', event)
    if (!event.wasPrevented) record.hasQuit = true
  }
}
export const app = new App()

export class WebContents extends EventEmitter {
  readonly mainFrame = { parent: null, url: '', origin: '' }
  openHandler: ((details: { url: string }) => { action: string }) | null = null
  #address = ''
  load(address: string): void {
    this.#address = address
  }
  getURL(): string {
    return this.#address
  }
  isDestroyed(): boolean {
    return false
  }
  send(channel: string, ...args: unknown[]): void {
    record.sent.push({ channel, args: structuredClone(args) })
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly open: BrowserWindow[] = []
  readonly webContents = new WebContents()
  readonly #recorded: (typeof record.windows)[number]
  constructor(given: Record<string, unknown>) {
    super()
    this.#recorded = { options: given, address: '', isVisible: given['show'] !== false, isOpen: true }
    record.windows.push(this.#recorded)
    BrowserWindow.open.push(this)
    app.emit('web-contents-created', new FakeEvent(), this.webContents)
  }
  async loadURL(address: string): Promise<void> {
    this.webContents.load(address)
    this.#recorded.address = address
  }
  show(): void {
    this.#recorded.isVisible = true
  }
  hide(): void {
    this.#recorded.isVisible = false
  }
  focus(): void {}
  restore(): void {}
  isMinimized(): boolean {
    return false
  }
  isDestroyed(): boolean {
    return !this.#recorded.isOpen
  }
  /** As when the user closes it; `destroy` ends the same way. */
  close(): void {
    this.#recorded.isOpen = false
    BrowserWindow.open.splice(BrowserWindow.open.indexOf(this), 1)
    this.emit('closed')
    if (BrowserWindow.open.length === 0) app.emit('window-all-closed')
  }
  destroy(): void {
    this.close()
  }
}

type InvokeHandler = (event: unknown, ...args: unknown[]) => unknown
export const invokeHandlers = new Map<string, InvokeHandler>()
class IpcMain extends EventEmitter {
  handle(channel: string, handler: InvokeHandler): void {
    invokeHandlers.set(channel, handler)
  }
}
export const ipcMain = new IpcMain()

type SchemeHandler = (request: Request) => Promise<Response>
export const schemeHandlers = new Map<string, SchemeHandler>()
export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown[]): void => void record.schemes.push(...schemes),
  handle(scheme: string, handler: SchemeHandler): void {
    if (schemeHandlers.has(scheme)) throw new Error(`${scheme} is handled already`)
    record.handledSchemes.push(scheme)
    schemeHandlers.set(scheme, handler)
  },
  unhandle: (scheme: string): void => void schemeHandlers.delete(scheme),
}

export const guards: {
  request?: (contents: unknown, permission: string, answer: (is: boolean) => void, details: object) => void
  check?: (contents: unknown, permission: string, origin: string) => boolean
  device?: () => boolean
  display?: (request: unknown, answer: (streams: object) => void) => void
  beforeRequest?: (details: { url: string }, answer: (decision: { cancel?: boolean }) => void) => void
} = {}
class Session extends EventEmitter {
  readonly webRequest = {
    onBeforeRequest: (handler: NonNullable<typeof guards.beforeRequest>): void => {
      guards.beforeRequest = handler
    },
  }
  setPermissionRequestHandler(handler: NonNullable<typeof guards.request>): void {
    guards.request = handler
  }
  setPermissionCheckHandler(handler: NonNullable<typeof guards.check>): void {
    guards.check = handler
  }
  setDevicePermissionHandler(handler: NonNullable<typeof guards.device>): void {
    guards.device = handler
  }
  setDisplayMediaRequestHandler(handler: NonNullable<typeof guards.display>): void {
    guards.display = handler
  }
  setSpellCheckerEnabled(): void {}
}
export const session = { defaultSession: new Session() }

interface MenuItem {
  readonly label?: string
  readonly role?: string
  readonly submenu?: readonly MenuItem[]
  click?(): void
}
export const clicks = new Map<string, () => void>()
export const Menu = {
  buildFromTemplate(template: readonly MenuItem[]): readonly MenuItem[] {
    const nameOf = ({ label, role }: MenuItem): string => label ?? role ?? ''
    const note = (item: MenuItem): void => {
      if (item.click !== undefined) clicks.set(nameOf(item), () => item.click?.())
      for (const inner of item.submenu ?? []) note(inner)
    }
    for (const item of template) {
      note(item)
      record.menus.push({ label: nameOf(item), items: (item.submenu ?? []).map(nameOf) })
    }
    return template
  },
  setApplicationMenu: (): void => {},
}
export const powerMonitor = new EventEmitter()
export const powerSaveBlocker = {
  start(kind: string): number {
    record.called.push(`keep awake: ${kind}`)
    return 7
  },
  stop(id: number): void {
    record.called.push(`stop keeping awake: ${id}`)
  },
}
export class Tray extends EventEmitter {
  setToolTip(): void {}
  setContextMenu(): void {
    record.called.push('tray')
  }
  destroy(): void {
    record.called.push('tray destroyed')
  }
}
export const nativeImage = { createFromPath: () => ({ isEmpty: () => false }) }

export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return true
  }
  readonly #shown: { title: string; body: string }
  constructor(shown: { title: string; body: string }) {
    super()
    this.#shown = shown
  }
  show(): void {
    record.notifications.push(this.#shown)
  }
}
export const shell = {
  openExternal: async (address: string): Promise<void> => void record.openedOutside.push(address),
  showItemInFolder: (file: string): void => void record.shownInFolder.push(file),
}
export const dialog = {
  showErrorBox: (title: string, message: string): void => void record.errors.push({ title, message }),
  showOpenDialog: async () => ({
    canceled: options.pickedFolder === null,
    filePaths: options.pickedFolder === null ? [] : [options.pickedFolder],
  }),
}
// biome-ignore lint/style/noDefaultExport: Electron's own module has one, and electron-store imports it.
export default { app, ipcMain, shell }
