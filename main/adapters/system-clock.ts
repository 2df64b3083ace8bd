import { performance } from 'node:perf_hooks'
import type { Clock } from '../core/ports.ts'

/** The longest delay that a timer of Node takes, in ms (about 24 days). */
const LONGEST_DELAY_MS = 2_147_483_647

/** The computer's own clock; its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_DELAY_MS))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
