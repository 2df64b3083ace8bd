import type { Clock } from '../../main/core/ports.ts'

/** A clock that moves only when told to; due timers run in the order of their times. */
export interface ManualClock extends Clock {
  /** Moves both clocks by `ms` and runs the timers that fall due. */
  advance(ms: number): void
}

export function createManualClock(startMs = Date.UTC(2026, 0, 15, 12)): ManualClock {
  const timers = new Set<{ at: number; callback: () => void }>()
  let elapsed = 0
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    after(ms, callback) {
      const timer = { at: elapsed + ms, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const end = elapsed + ms
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        timers.delete(next)
        elapsed = Math.max(elapsed, next.at)
        next.callback()
      }
      elapsed = end
    },
  }
}
