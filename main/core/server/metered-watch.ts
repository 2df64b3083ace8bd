import type { MeteredWatch, Network } from '../needs.ts'
import type { Clock, MeteredConnection, SettingsStore } from '../ports.ts'

/** Between two questions to the system, in ms. */
const ASK_AGAIN_MS = 60_000

interface WatchNeeds {
  readonly port: MeteredConnection
  readonly settings: Pick<SettingsStore, 'get' | 'onChange'>
  readonly clock: Clock
  readonly network: Pick<Network, 'onChange'>
}

export interface OpenMeteredWatch extends MeteredWatch {
  /** Asks the system now; resolves when the answer counts. */
  refresh(): Promise<void>
  close(): void
}

/** Keeps whether the connection is metered: the setting says, or the system, which is asked at the start, every minute and when the network changes. */
export function createMeteredWatch({ port, settings, clock, network }: WatchNeeds): OpenMeteredWatch {
  const listeners = new Set<(isMetered: boolean | null) => void>()
  let choice = settings.get().meteredConnection
  let answered: boolean | null = null
  let told = isMetered()
  let isClosed = false
  let asking: Promise<void> | null = null
  let stopTimer: () => void = () => {}

  const stopNetwork = network.onChange(() => void refresh())
  const stopSettings = settings.onChange(() => {
    choice = settings.get().meteredConnection
    tell()
    void refresh()
  })
  void refresh()

  function isMetered(): boolean | null {
    return choice === 'auto' ? answered : choice === 'yes'
  }

  function tell(): void {
    const now = isMetered()
    if (now === told || isClosed) return
    told = now
    for (const listener of [...listeners]) listener(now)
  }

  async function refresh(): Promise<void> {
    if (isClosed || choice !== 'auto') return
    asking ??= ask().finally(() => {
      asking = null
    })
    await asking
  }

  async function ask(): Promise<void> {
    answered = await port.isMetered()
    tell()
    stopTimer()
    if (!isClosed) stopTimer = clock.after(ASK_AGAIN_MS, () => void refresh())
  }

  return {
    isMetered,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    refresh,
    close() {
      isClosed = true
      stopTimer()
      stopNetwork()
      stopSettings()
    },
  }
}
