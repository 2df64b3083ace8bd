/** How long a transfer waits for what, in milliseconds, and how slow it may be. */
export interface TransferTimings {
  readonly connectMs: number
  readonly headersMs: number
  /** Without a byte. */
  readonly idleMs: number
  readonly slowestBytesPerSecond: number
  /** The time over which that rate is judged. */
  readonly rateWindowMs: number
  /** Before the same connection is tried again after a break. */
  readonly againMs: number
  /** The time that one range should take at the rate measured. */
  readonly rangeMs: number
  /** Between two looks at whether another connection, or splitting a slow one, would end the file sooner. */
  readonly lookMs: number
  /** Missing bytes that are worth a connection of their own from the start. */
  readonly connectionWorthBytes: number
  /** Bytes after which what is written is brought to the disk while more comes, so that the end does not wait for all of it. */
  readonly syncEveryBytes: number
}

export const TIMINGS: TransferTimings = {
  connectMs: 10_000,
  headersMs: 15_000,
  idleMs: 30_000,
  slowestBytesPerSecond: 1024,
  rateWindowMs: 60_000,
  againMs: 250,
  rangeMs: 20_000,
  lookMs: 500,
  connectionWorthBytes: 16 * 2 ** 20,
  syncEveryBytes: 64 * 2 ** 20,
}
