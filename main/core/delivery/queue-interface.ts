import type { Download } from '../../../contract/delivery.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { MeteredWatch, SignInWatch } from '../needs.ts'
import type { DownloadCommand } from './download-machine.ts'
import type { RunsNeeds } from './download-runs.ts'
import type { EffectiveLimit } from './effective-limit.ts'
import type { Wanted } from './enqueue.ts'
import type { SpeedLimits } from './speed-limits.ts'

export interface QueueNeeds extends RunsNeeds {
  readonly emit: (event: CoreEvent) => void
  /** Hears of each download that arrived. */
  readonly onArrived: (content: ContentRef) => void
  readonly metered: MeteredWatch
  readonly limits: Pick<SpeedLimits, 'effective' | 'setDownloadLimit' | 'onChange'>
  /** Absent where nothing signs in. */
  readonly signIn?: SignInWatch | undefined
  /** Hears that what is to come has grown. */
  readonly onGrown: () => void
}

export interface QueueList {
  readonly downloads: Download[]
  readonly isPaused: boolean
  readonly bytesPerSecond: number
  readonly limit: EffectiveLimit
  readonly asksAboutMetered: boolean
}

/** What is done to the queue, by hand or by another part of the core. */
export interface QueueCommands {
  start(wanted: Wanted): Download
  /** Queues many in one step: all are on disk when it returns, or none. */
  startAll(wanted: readonly Wanted[]): Download[]
  /** Throws `not-found`, `not-downloadable`. */
  command(id: string, command: DownloadCommand): Download
  /** Puts one that waits at a place among those that wait. Throws `not-found`. */
  move(id: string, place: number): void
  /** Puts one before all others that wait. Throws `not-found`, `not-downloadable`. */
  next(id: string): Download
  /** Begins one at once; where all places are taken, the youngest run goes back to the queue. Throws `not-found`, `not-downloadable`. */
  now(id: string): Download
  /** Bytes per second of one alone; null: no limit, 0 holds it. Throws `not-found`. */
  limit(id: string, bytesPerSecond: number | null): Download
  pauseAll(): void
  resumeAll(): void
}

/** The downloads of one account: runs at most as many at once as the settings say, and keeps everything on disk. */
export interface DownloadQueue extends QueueCommands {
  /** With `ids` these alone. */
  list(ids?: readonly string[]): QueueList
  answerMetered(mayUse: boolean): void
  /** The computer has slept, or its network is another one: connections begin anew, and nothing counts as a failure. */
  reconnect(): void
  clearFinished(): void
  isPaused(): boolean
  /** The bytes of a download that are here now, which may be more than its row says. */
  receivedBytes(id: string): number
  /** Ends every run, with what is here kept, and returns when the database may be closed. */
  close(): Promise<void>
}
