import { describe, expect, onTestFinished, test } from 'vitest'
import type { Settings } from '../../../contract/app.ts'
import { createManualClock } from '../../../tests/_kit/manual-clock.ts'
import { DEFAULT_SETTINGS } from '../../adapters/default-settings.ts'
import { createMeteredWatch } from './metered-watch.ts'

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

async function openWatch(choice: Settings['meteredConnection'], answers: (boolean | null)[]) {
  const clock = createManualClock()
  const changed = new Set<() => void>()
  const networkChanged = new Set<(isOnline: boolean) => void>()
  const state = { settings: { ...DEFAULT_SETTINGS, meteredConnection: choice }, asked: 0 }
  const watch = createMeteredWatch({
    clock,
    port: {
      isMetered: async () => answers[Math.min(state.asked++, answers.length - 1)] ?? null,
    },
    settings: {
      get: () => state.settings,
      onChange(listener) {
        changed.add(listener)
        return () => void changed.delete(listener)
      },
    },
    network: {
      onChange(listener) {
        networkChanged.add(listener)
        return () => void networkChanged.delete(listener)
      },
    },
  })
  onTestFinished(() => watch.close())
  const told: (boolean | null)[] = []
  watch.onChange((isMetered) => told.push(isMetered))
  await turn()
  return {
    clock,
    watch,
    told,
    state,
    listeners: () => changed.size + networkChanged.size,
    async choose(meteredConnection: Settings['meteredConnection']) {
      state.settings = { ...state.settings, meteredConnection }
      for (const listener of changed) listener()
      await turn()
    },
    async changeNetwork() {
      for (const listener of networkChanged) listener(true)
      await turn()
    },
  }
}

describe('DL10: the watch over the connection', () => {
  test('DL10: the system is asked at the start, every minute, and when the network changes', async () => {
    const { clock, watch, told, state, changeNetwork } = await openWatch('auto', [true, true, false, null])
    expect([watch.isMetered(), told]).toEqual([true, [true]])
    clock.advance(59_999)
    await turn()
    expect(state.asked).toBe(1)
    clock.advance(1)
    await turn()
    expect([state.asked, told]).toEqual([2, [true]])
    await changeNetwork()
    expect([watch.isMetered(), told]).toEqual([false, [true, false]])
    clock.advance(60_000)
    await turn()
    expect([watch.isMetered(), told]).toEqual([null, [true, false, null]])
  })

  test('DL10: the setting says it instead, and the system is not asked', async () => {
    const { watch, told, state, choose, clock } = await openWatch('yes', [false])
    expect([watch.isMetered(), state.asked]).toEqual([true, 0])
    await choose('no')
    clock.advance(300_000)
    await turn()
    expect([watch.isMetered(), state.asked, told]).toEqual([false, 0, [false]])
    await choose('auto')
    expect([watch.isMetered(), state.asked]).toEqual([false, 1])
  })

  test('DL10: questions at the same time are one question', async () => {
    const { watch, state } = await openWatch('auto', [true])
    await Promise.all([watch.refresh(), watch.refresh(), watch.refresh()])
    expect(state.asked).toBe(2)
  })

  test('DL10: after its end it asks and tells nothing more', async () => {
    const { watch, told, state, clock, listeners } = await openWatch('auto', [true, false])
    watch.close()
    clock.advance(600_000)
    await watch.refresh()
    expect([state.asked, told, listeners()]).toEqual([1, [true], 0])
  })
})
