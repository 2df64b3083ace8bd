import type { AskedBytes, HeaderValues } from '../answer-rules.ts'
import type { BegunHints } from '../begun-hints.ts'
import type { PartFile } from '../part-file.ts'
import type { ByteOrigin } from './byte-socket.ts'

/** One range to fetch into a part file. Offsets and lengths are bytes of the whole file. */
export interface CarryJob {
  readonly to: ByteOrigin
  /** Path and query of the request. */
  readonly path: string
  /** Headers beside those that the range itself needs. */
  readonly headers: Readonly<Record<string, string>>
  readonly asked: AskedBytes
  readonly segmentSize: number
  /** SHA-256 (hex) of the segments that the range touches, from the one it begins in; null for one that is here already: its bytes are passed over. */
  readonly segments: readonly (string | null)[]
  /** The range ends inside a segment that someone else completes: its bytes are written, and its hash is not asked for. */
  readonly endsInside: boolean
  /** The range begins inside a segment whose first bytes someone else brings: its hash is not asked for. */
  readonly beginsInside: boolean
  readonly part: PartFile
  readonly hints: BegunHints
}

/** What a carrier tells while it is at work. */
export interface CarryEvents {
  /** The head of an answer that is the server's own. */
  head(headers: HeaderValues): void
  /** So many more bytes were written since the last word; `next` is the offset behind them. */
  bytes(count: number, next: number): void
  segment(segment: number, isRight: boolean): void
}

/** How a carry is held back: asked after each read, and answered at once while nothing limits it. */
export interface Pace {
  isLimited(): boolean
  /** The most bytes to read at once while it is limited, so that a slow pace is an even one; left out: the reader's own. */
  mostAtOnce?(): number
  /** Resolves when so many bytes that have come are paid for. */
  take(bytes: number, signal: AbortSignal): Promise<void>
}

/**
 * `taken`: every announced byte is written. `whole`: the server ignores ranges, nothing was read. `problem`: the answer tells what is wrong.
 */
export type CarryOutcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'whole' }
  | { readonly kind: 'problem'; readonly status: number; readonly headers: HeaderValues; readonly body: Buffer }

/** A carry that is under way. */
export interface Carrying {
  /**
   * Rejects with `offline` for a connection that breaks or stalls, `slow-connection`, `corrupt-source` for an answer that can not be right,
   * `captive-portal`, `content-changed`, `range-not-satisfiable`, `proxy-refused`, `untrusted-server`, or what the disk says. An abort is
   * thrown as it is. Settles when nothing writes to the file any more.
   */
  readonly outcome: Promise<CarryOutcome>
  /** Lets it end with the byte `end` when that still lies ahead, else where it stands; answers the last byte that it will bring. */
  shorten(end: number): Promise<number>
}

/** What brings bytes: over sockets of this thread, or of worker threads. */
export interface Carrier {
  carry(job: CarryJob, pace: Pace, events: CarryEvents, signal: AbortSignal): Carrying
  /** Ends idle connections. */
  close(): Promise<void>
}
