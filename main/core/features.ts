import type { ContentRef } from '../../contract/values.ts'
import type { LocalMigration } from './local-db/local-migration.ts'
import type { CoreNeeds } from './needs.ts'
import type { Media } from './ports.ts'

/** A handler as the door runs it: any parsed input of its call, any output. */
export type LocalHandler = (context: undefined, input: never) => Promise<unknown>

/** Handlers of a domain by call name, as `Handlers<typeof domain, 'desktop', void>` gives them. */
export type LocalHandlers = Readonly<Record<string, LocalHandler>>

/** What downloads, library and crates bring to the core. */
export interface Features {
  readonly handlers: Readonly<Record<'delivery' | 'library' | 'crates', LocalHandlers>>
  /** The local file of a track. Throws `not-on-this-disk`. */
  openTrack(trackId: string, range: string | undefined): Promise<Media>
  /** A payment was captured: the library refreshes, and what was bought is queued when the settings say so. */
  bought(items: readonly ContentRef[]): void
  /** The computer has slept, or is on another network: connections begin anew. */
  reconnect(): void
  /** Stops the queue and saves; the account's database is still open. */
  close(): Promise<void>
}

export type FeaturesFactory = (needs: CoreNeeds) => Features

/** The schema of every feature, in the order it is applied. */
export interface FeatureSet {
  readonly migrations: readonly LocalMigration[]
  readonly create: FeaturesFactory
}
