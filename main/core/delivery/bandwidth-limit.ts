import type { Clock } from '../ports.ts'

/** Holds all downloads together to the rate of the settings. */
export interface BandwidthLimit {
  /** Waits until `bytes` more may have come; with no limit at once. Ends early, without an error, when `signal` does. */
  take(bytes: number, signal: AbortSignal): Promise<void>
}

/** `limit` answers bytes per second, or null for none; a change counts from the next bytes on. */
export function createBandwidthLimit(clock: Clock, limit: () => number | null): BandwidthLimit {
  /** When, on the monotonic clock, everything let through so far is paid for. */
  let paidAt = 0
  return {
    async take(bytes, signal) {
      const rate = limit()
      if (rate === null) return
      const now = clock.monotonic()
      paidAt = Math.max(paidAt, now) + (bytes / rate) * 1000
      // A quarter of a second may be owed, so that small chunks do not each cost a timer.
      if (paidAt - now > 250) await sleep(clock, paidAt - now, signal)
    },
  }
}

/** Waits `ms`; ends early, without an error, when `signal` does. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      stop()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const stop = clock.after(ms, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
