import type { Clock } from '../ports.ts'

const TICK_MS = 5_000
/** More than a busy computer loses between two ticks. */
const GAP_MS = 30_000

/** A moment on both clocks, in milliseconds. */
export interface Moment {
  readonly now: number
  readonly monotonic: number
}

/**
 * True when more time passed between two ticks than a computer that is awake lets pass. A clock that stands still in sleep and one that goes on
 * both show it; a clock that somebody set forward shows the same, and what follows from it does no harm.
 */
export function hasSlept(before: Moment, after: Moment, tickMs: number): boolean {
  return Math.max(after.now - before.now, after.monotonic - before.monotonic) - tickMs > GAP_MS
}

/** True when an address is gone that this computer had: connections from it are dead. A further one is no reason to begin anew. */
export function hasLostAddress(before: readonly string[], after: readonly string[]): boolean {
  return before.some((address) => !after.includes(address))
}

interface WatchNeeds {
  readonly clock: Clock
  /** The addresses of this computer on its networks, those of itself left out. */
  readonly addresses: () => readonly string[]
  /** Hears that the computer has slept, or is on another network than before. */
  readonly onWake: () => void
  /** Hears that there is an address that was not there. */
  readonly onNewAddress: () => void
}

/** Notices sleep and changes of the network where the host does not tell; the answer ends it. */
export function watchForWaking({ clock, addresses, onWake, onNewAddress }: WatchNeeds): () => void {
  let last: Moment = { now: clock.now(), monotonic: clock.monotonic() }
  let had = addresses()
  let stop: () => void = () => {}

  function tick(): void {
    const moment = { now: clock.now(), monotonic: clock.monotonic() }
    const has = addresses()
    if (hasSlept(last, moment, TICK_MS) || hasLostAddress(had, has)) onWake()
    else if (hasLostAddress(has, had)) onNewAddress()
    last = moment
    had = has
    stop = clock.after(TICK_MS, tick)
  }

  stop = clock.after(TICK_MS, tick)
  return () => stop()
}
