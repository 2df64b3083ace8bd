import type { Clock } from '../ports.ts'

/** The shortest and the longest time between two looks at what those who wait may have, in ms. */
const SHORTEST_TICK_MS = 5
const LONGEST_TICK_MS = 100
/** The same while all who wait are held. */
const HELD_TICK_MS = 1_000

/** What those who wait at the gate draw from. */
export interface SpeedSource {
  /** Bytes that a download may have now. */
  available(id: string): number
  spend(id: string, bytes: number): void
  /** Bytes per second that it can hope for; infinite without a limit, 0 when it is held. */
  rateOf(id: string): number
}

/** Where downloads wait for the bytes that they may have; of one download, whoever came first goes first. */
export interface SpeedGate {
  /** Waits until `bytes` more may come; ends early, without an error, when `signal` does. */
  pass(id: string, bytes: number, signal: AbortSignal): Promise<void>
  /** Looks at once at what those who wait may have. */
  serve(): void
  /** Lets everyone go who waits. */
  close(): void
}

interface Waiter {
  left: number
  readonly go: () => void
}

const DONE = Promise.resolve()

export function createSpeedGate(clock: Clock, source: SpeedSource): SpeedGate {
  const waiting = new Map<string, Waiter[]>()
  let stopTick: () => void = () => {}

  function serve(): void {
    for (const [id, waiters] of waiting) {
      give(id, waiters)
      if (waiters.length === 0) waiting.delete(id)
    }
    stopTick()
    stopTick = waiting.size === 0 ? () => {} : clock.after(timeToNext(), serve)
  }

  /** A piece that is larger than what may come is paid for little by little. */
  function give(id: string, waiters: Waiter[]): void {
    let may = source.available(id)
    for (let [first] = waiters; first !== undefined && may >= 1; [first] = waiters) {
      const given = Math.min(may, first.left)
      source.spend(id, given)
      first.left -= given
      may -= given
      if (first.left > 0) return
      waiters.shift()
      first.go()
    }
  }

  /** Until the first of those who wait has what it waits for, or a tenth of a second's worth. */
  function timeToNext(): number {
    const times = [...waiting].map(([id, [first]]) => {
      const rate = source.rateOf(id)
      if (rate === 0) return HELD_TICK_MS
      return Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, ((first?.left ?? 0) * 1000) / rate))
    })
    return Math.min(...times)
  }

  function wait(id: string, bytes: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiters = waiting.get(id) ?? []
    const leave = () => {
      waiters.splice(waiters.indexOf(waiter), 1)
      if (waiters.length === 0) waiting.delete(id)
      resolve()
    }
    const waiter: Waiter = {
      left: bytes,
      go() {
        signal.removeEventListener('abort', leave)
        resolve()
      },
    }
    signal.addEventListener('abort', leave, { once: true })
    waiters.push(waiter)
    waiting.set(id, waiters)
    serve()
    return promise
  }

  return {
    pass(id, bytes, signal) {
      if (bytes <= 0 || signal.aborted) return DONE
      if (waiting.has(id) || source.available(id) < bytes) return wait(id, bytes, signal)
      source.spend(id, bytes)
      return DONE
    },
    serve,
    close() {
      stopTick()
      for (const { go } of [...waiting.values()].flat()) go()
      waiting.clear()
    },
  }
}
