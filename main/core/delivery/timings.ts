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
}

export const TIMINGS: TransferTimings = {
  connectMs: 10_000,
  headersMs: 15_000,
  idleMs: 30_000,
  slowestBytesPerSecond: 1024,
  rateWindowMs: 60_000,
  againMs: 250,
  rangeMs: 20_000,
}
