import type { Readable } from 'node:stream'
import type { Folder, Settings } from '../../contract/app.ts'
import type { Reply } from '../../contract/errors.ts'
import type { CoreEvent } from '../../contract/events.ts'

/** The time, in milliseconds since 1970 UTC, and a clock that never jumps, in milliseconds. */
export interface Clock {
  now(): number
  monotonic(): number
  /** Calls back once after `ms`; the answer stops it. */
  after(ms: number, callback: () => void): () => void
}

export interface Random {
  bytes(length: number): Buffer
  uuid(): string
}

/** Structured log of the desktop; values pass its redaction. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Where secrets are kept. `get` of an absent one answers null; failures throw `no-secret-store`. */
export interface SecretStore {
  readonly kind: 'keychain' | 'file-vault' | 'memory'
  /** What the user should know about this store; null when there is nothing to say. */
  readonly notice: string | null
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}

/** Settings of this computer; a corrupt file falls back to defaults and says so in `recovered`. */
export interface SettingsStore {
  get(): Settings
  /** Members that are left out or undefined stay as they are. */
  change(patch: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Settings
  /** Small host-side values beside the settings: folder choices, which secret store wrote. */
  readValue(name: string): unknown
  writeValue(name: string, value: unknown): void
  /** Calls back after each change; the answer stops it. */
  onChange(listener: () => void): () => void
  readonly recovered: boolean
}

/** What the host's desktop can do. */
export interface Shell {
  /** Opens an address in the browser; false where the host can not, and the user follows the link. */
  openAddress(address: string): Promise<boolean>
  /** Shows a file in the file browser; false where the host can not. */
  showInFolder(path: string): Promise<boolean>
  /** The system's folder dialog: a path, null when closed; undefined where there is none. */
  pickFolder(): Promise<string | null | undefined>
  notify(title: string, body: string): void
}

/** What the system says of the connection in use. */
export interface MeteredConnection {
  /** Whether it is paid by volume; null where the system does not say. Never throws. */
  isMetered(): Promise<boolean | null>
}

/** The computer's own sleep. */
export interface Power {
  /** Holds the computer awake until it is told otherwise; a host that can not does nothing. */
  keepAwake(isOn: boolean): void
  /** Puts the computer to sleep; false where the host can not. */
  sleep(): Promise<boolean>
}

/** The proxy through which an address is reached, as the address of the proxy; null for none. Its name and password may stand in it: never log it. */
export type ProxyFor = (url: string) => string | null

/** Folders of this installation, absolute. */
export interface Folders {
  /** Everything but the user's music: accounts, run files, settings. */
  readonly data: string
  readonly defaultLibrary: string
  /** Where browsing for a folder may start. */
  readonly home: string
}

export interface Ports {
  readonly host: 'electron' | 'headless' | 'cli'
  readonly version: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly secrets: SecretStore
  readonly settings: SettingsStore
  readonly shell: Shell
  readonly power: Power
  readonly metered: MeteredConnection
  readonly proxyFor: ProxyFor
  readonly folders: Folders
  /** The server's address; null when it is not known yet. */
  readonly serverAddress: string | null
  /** Where the browser comes back to: `mixmint://auth/callback`, or `http://127.0.0.1:<port>/return/auth` of a headless host. */
  readonly returnTo: { readonly auth: string; readonly payment: string }
}

/** Part of a picture or sound, with what HTTP needs to serve it. */
export interface Media {
  readonly status: 200 | 206 | 416
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable | null
}

/** The desktop application: what every host holds one of. */
export interface Core extends AsyncDisposable {
  /** The single door: every message of every host comes here. Never throws. */
  call(name: string, input: unknown): Promise<Reply<unknown>>
  /** The answer stops it. */
  subscribe(listener: (event: CoreEvent) => void): () => void
  /**
   * Opens a sound or picture: `track/<uuid>` (the local file), `cover/<sha256>`, `preview/<sha256>`, `peaks/<sha256>`, `portrait/<sha256>`.
   * `range` is the HTTP header. Throws `not-found`, `not-on-this-disk`, `offline`.
   */
  openMedia(id: string, range?: string): Promise<Media>
  /** Follows a `mixmint://` link or the path of a return page; unknown links do nothing and answer false. */
  followLink(link: string): Promise<boolean>
  /** The id of a folder that the user named to the host itself, by its absolute path: never for a renderer. Throws `not-allowed` for a relative one. */
  rememberFolder(path: string): Folder
  /** The computer has slept: the host tells when it wakes, so that what changed meanwhile is found at once. */
  woke(): void
  /** Stops the queue, saves, closes. */
  close(): Promise<void>
}
