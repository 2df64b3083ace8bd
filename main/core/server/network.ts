import type { EventHub } from '../event-hub.ts'
import type { Network } from '../needs.ts'
import type { Clock } from '../ports.ts'

const FIRST_PROBE_MS = 2_000
const LONGEST_PROBE_MS = 60_000

export interface ProbedNetwork extends Network {
  /** Asks the server now; the answer is whether it was reached. */
  check(): Promise<boolean>
  close(): void
}

interface NetworkNeeds {
  readonly clock: Clock
  readonly events: EventHub
  /** One request to the server; resolves when it answered as itself, rejects otherwise. */
  readonly probe: () => Promise<void>
}

/** Keeps whether the server can be reached: true until a request finds otherwise, then asked again at growing intervals (2 s to 60 s). */
export function createNetwork({ clock, events, probe }: NetworkNeeds): ProbedNetwork {
  const listeners = new Set<(isOnline: boolean) => void>()
  let isOnline = true
  let isClosed = false
  let delayMs = FIRST_PROBE_MS
  let stopTimer: (() => void) | null = null
  let checking: Promise<boolean> | null = null

  function set(next: boolean) {
    if (next === isOnline || isClosed) return
    isOnline = next
    if (next) {
      stopTimer?.()
      stopTimer = null
      delayMs = FIRST_PROBE_MS
    } else {
      schedule()
    }
    events.emit({ type: 'network.changed', isOnline })
    for (const listener of listeners) listener(isOnline)
  }

  function schedule() {
    stopTimer?.()
    stopTimer = clock.after(delayMs, () => {
      delayMs = Math.min(delayMs * 2, LONGEST_PROBE_MS)
      void check().then((reached) => {
        if (!reached && !isClosed) schedule()
      })
    })
  }

  /** Once for all who ask at the same time. */
  function check(): Promise<boolean> {
    checking ??= ask().finally(() => {
      checking = null
    })
    return checking
  }

  async function ask(): Promise<boolean> {
    try {
      await probe()
      set(true)
      return true
    } catch {
      set(false)
      return false
    }
  }

  return {
    isOnline: () => isOnline,
    report: (outcome) => set(outcome === 'reached'),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    check,
    close() {
      isClosed = true
      stopTimer?.()
    },
  }
}
