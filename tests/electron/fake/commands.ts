/** What a test may ask of the process in which the shell runs. Each value crosses as a structured clone. */
export interface Commands {
  /** A message of a page to a channel. */
  invoke: [input: { channel: string; args: unknown[]; url: string; origin: string; isTop: boolean }, answer: unknown]
  /** An event of the app with its arguments, after the event object. */
  appEvent: [input: { name: string; args: unknown[] }, answer: { wasPrevented: boolean }]
  /** A page's wish to go to an address, as one of Electron's navigation events. */
  navigate: [input: { name: string; url: string }, answer: { wasPrevented: boolean }]
  openWindow: [input: { url: string }, answer: { action: string }]
  /** A request of the page for an address of its own schemes. */
  request: [
    input: { url: string; method: string; headers: Record<string, string> },
    answer: { status: number; headers: Record<string, string>; body: Uint8Array } | null,
  ]
  /** Whether a request of the page leaves it at all. */
  leave: [input: { url: string }, answer: { isAllowed: boolean }]
  permission: [
    input: { name: string; origin: string },
    answer: { request: boolean; check: boolean; device: boolean; display: boolean },
  ]
  /** The page has loaded. */
  loaded: [input: null, answer: null]
  closeWindow: [input: null, answer: null]
  /** The computer wakes from sleep. */
  resume: [input: null, answer: null]
  click: [input: { label: string }, answer: null]
  record: [input: null, answer: import('./record.ts').Recorded]
}

export type CommandName = keyof Commands
