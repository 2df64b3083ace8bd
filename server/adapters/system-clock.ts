import type { Clock } from '../ports.ts'

/** The computer's own clock. */
export const systemClock: Clock = { now: () => Date.now() }
