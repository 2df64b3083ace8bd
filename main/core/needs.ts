import type { DatabaseSync } from 'node:sqlite'
import type { Folder } from '../../contract/app.ts'
import type { Caller } from '../../contract/call.ts'
import type { CoreEvent } from '../../contract/events.ts'
import type { Clock, Folders, Log, Media, Random, SettingsStore, Shell } from './ports.ts'

/** What this computer keeps for the account that is in use: signed in, or with a session that has run out. */
export interface AccountSpace {
  readonly accountId: string
  /** `<data>/accounts/<accountId>`, absolute, 0700; a feature makes its own folders inside. */
  readonly folder: string
  /** Open and migrated; closed by the core after the account's listeners have ended. */
  readonly db: DatabaseSync
}

/** Whether the server can be reached, as the calls and transfers of the core find out. */
export interface Network {
  isOnline(): boolean
  /** Tells what a request met: `reached` is any answer of the server itself. */
  report(outcome: 'reached' | 'unreachable'): void
  /** Calls back after each change; the answer stops it. */
  onChange(listener: (isOnline: boolean) => void): () => void
  /** Asks the server now; the answer is whether it was reached. Absent where nothing asks. */
  check?(): Promise<boolean>
}

/** Whether somebody is signed in, on a device that the server knows. */
export interface SignInWatch {
  isReady(): boolean
  /** Calls back after each change; the answer stops it. */
  onChange(listener: () => void): () => void
}

/** Whether the connection in use is paid by volume. */
export interface MeteredWatch {
  /** Null when nobody knows. */
  isMetered(): boolean | null
  /** Calls back after each change; the answer stops it. */
  onChange(listener: (isMetered: boolean | null) => void): () => void
}

/** What a request for bytes needs beside its range: it does not go through `serverCall`. */
export interface SignedRequests {
  /** The server's address without a trailing slash; throws `offline` when none is known. */
  address(): string
  /** The address of the proxy through which that address is reached, perhaps with a name and password; null for none. */
  proxy(): string | null
  /**
   * `authorization` and `dpop` for one request; a proof is good for one use. `path` is without the query.
   * Throws `not-signed-in`, `session-expired`, `offline`.
   */
  headers(request: {
    readonly method: 'GET' | 'POST' | 'PUT'
    readonly path: string
    readonly downloadToken?: string
  }): Promise<Record<string, string>>
  /** Keeps the nonce that every answer of the server brings; give it the headers of each. */
  noteAnswer(headers: Readonly<Record<string, string | string[] | undefined>>): void
  /** After a 401 `not-signed-in`: renews the session once for all who ask at the same time. Throws `session-expired`, `offline`. */
  renewSession(): Promise<void>
}

/** Folders by opaque id: calls never take a path. */
export interface FolderIds {
  /** The folder's absolute path, whether or not it is there now; throws `folder-missing` for an id never given. */
  pathOf(folderId: string): string
  /** The id for an absolute path, the same every time; remembered over restarts. */
  remember(path: string): Folder
}

/** Public pictures and sounds, kept on disk by their hash. */
export interface MediaCache {
  /** Opens `kind/sha256`; throws `not-found`, `offline`. */
  open(ref: string, range?: string): Promise<Media>
  /** The path of the verified file of `kind/sha256`, fetched if need be; throws `not-found`, `offline`. */
  file(ref: string): Promise<string>
}

/** Things that went wrong before and were set right, shown until dismissed. */
export interface Notices {
  add(code: string, message: string): void
}

/** What the core gives to each of its features. */
export interface CoreNeeds {
  /** Of the application. */
  readonly version: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly settings: SettingsStore
  readonly shell: Shell
  readonly folders: Folders
  readonly folderIds: FolderIds
  /** Where new files of the library go, absolute; the setting, or the default. It may not be there. */
  readonly libraryFolder: () => string
  /**
   * Makes a call of the server, those of audience `core` too: session, device proof, nonce, one renewal and the error envelope are its
   * concern. Throws the `AppError` of the answer, or `offline`, `captive-portal`, `not-signed-in`, `session-expired`.
   */
  readonly serverCall: Caller
  readonly signed: SignedRequests
  readonly network: Network
  readonly metered: MeteredWatch
  /** Absent where nobody signs in. */
  readonly signIn?: SignInWatch
  readonly emit: (event: CoreEvent) => void
  readonly notices: Notices
  readonly media: MediaCache
  /** The account in use; throws `not-signed-in`. */
  readonly account: () => AccountSpace
  readonly accountOrNull: () => AccountSpace | null
  /**
   * Calls back when the account in use changes: first with null for the one that ends, which is awaited before its database closes, then
   * with the new one. A listener that is added while there is an account is called with it at once. The answer stops it.
   */
  readonly onAccountChange: (listener: (account: AccountSpace | null) => void | Promise<void>) => () => void
}
