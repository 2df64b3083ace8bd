import type { Clock } from '../../main/core/ports.ts'

/** Timers at most this long run by themselves, sped up; longer ones wait for a leap. In milliseconds. */
const SHORT_MS = 4_000
const SPEED = 100

export interface LeapClock extends Clock {
  /** Moves time on and runs, in their order, the timers that have fallen due. */
  leap(ms: number): void
  /** Sets the calendar, and nothing else, as a user or a time server does. */
  setCalendar(byMs: number): void
}

/**
 * A clock under which short pauses cost next to nothing and a long wait ends only when a test says so: on a busy computer no timer of
 * 10 s and more fires by mistake, and on any computer none has to be waited for.
 */
export function createLeapClock(startMs: number): LeapClock {
  const began = performance.now()
  const waiting = new Set<{ readonly at: number; readonly callback: () => void }>()
  let leapt = 0
  let calendar = 0
  const monotonic = () => performance.now() - began + leapt
  return {
    monotonic,
    now: () => Math.round(startMs + calendar + monotonic()),
    after(ms, callback) {
      if (ms <= SHORT_MS) {
        const at = monotonic() + ms
        const timer = setTimeout(
          () => {
            leapt += Math.max(0, at - monotonic())
            callback()
          },
          Math.ceil(ms / SPEED),
        )
        return () => clearTimeout(timer)
      }
      const timer = { at: monotonic() + ms, callback }
      waiting.add(timer)
      return () => waiting.delete(timer)
    },
    leap(ms) {
      leapt += ms
      const now = monotonic()
      const due = [...waiting].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)
      for (const timer of due) if (waiting.delete(timer)) timer.callback()
    },
    setCalendar(byMs) {
      calendar += byMs
    },
  }
}
