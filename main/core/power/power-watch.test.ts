import { describe, expect, onTestFinished, test } from 'vitest'
import type { Settings } from '../../../contract/app.ts'
import { createManualClock } from '../../../tests/_kit/manual-clock.ts'
import { recordingLog } from '../../../tests/_kit/start-core.ts'
import { DEFAULT_SETTINGS } from '../../adapters/default-settings.ts'
import { createEventHub } from '../event-hub.ts'
import { createNoticeBoard } from '../notices.ts'
import { createPowerWatch } from './power-watch.ts'
import type { QueueCounts } from './rules.ts'

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

function openWatch(changes: Partial<Settings>, canSleep = true) {
  const clock = createManualClock()
  const events = createEventHub(recordingLog([]))
  const notices = createNoticeBoard(events)
  const changed = new Set<() => void>()
  const did: string[] = []
  const state: { settings: Settings; counts: QueueCounts } = {
    settings: { ...DEFAULT_SETTINGS, ...changes },
    counts: {},
  }
  const watch = createPowerWatch({
    clock,
    events,
    notices,
    settings: {
      get: () => state.settings,
      onChange(listener) {
        changed.add(listener)
        return () => void changed.delete(listener)
      },
    },
    power: {
      keepAwake: (isOn) => void did.push(isOn ? 'awake' : 'as it likes'),
      async sleep() {
        did.push('sleep')
        return canSleep
      },
    },
    shell: { notify: () => void did.push('notify') },
    counts: () => state.counts,
  })
  onTestFinished(() => watch.close())
  return {
    clock,
    watch,
    did,
    codes: () => notices.list().map(({ code }) => code),
    /** The queue changes, and some time passes. */
    queue(counts: QueueCounts) {
      state.counts = counts
      events.emit({ type: 'delivery.changed' })
      clock.advance(500)
    },
    choose(patch: Partial<Settings>) {
      state.settings = { ...state.settings, ...patch }
      for (const listener of changed) listener()
    },
    async later(ms: number) {
      clock.advance(ms)
      await turn()
    },
  }
}

describe('DL18: awake while something downloads', () => {
  test('DL18: the computer is held awake from the first download to the last, and told so once', () => {
    const { did, queue } = openWatch({ keepAwake: true })
    queue({ queued: 2 })
    queue({ downloading: 1, queued: 1 })
    queue({ done: 1, downloading: 1 })
    queue({ done: 1, stalled: 1 })
    expect(did).toEqual(['awake'])
    queue({ done: 1, paused: 1 })
    expect(did).toEqual(['awake', 'as it likes'])
  })

  test('DL18: the setting and the end of the app count at once', () => {
    const { did, queue, choose, watch } = openWatch({ keepAwake: false })
    queue({ downloading: 1 })
    expect(did).toEqual([])
    choose({ keepAwake: true })
    expect(did).toEqual(['awake'])
    watch.close()
    expect(did).toEqual(['awake', 'as it likes'])
  })
})

describe('DL18: sleep when everything has arrived', () => {
  test('DL18: it is announced, and comes a minute later, once', async () => {
    const { did, codes, queue, later } = openWatch({ keepAwake: false, afterQueue: 'sleep' })
    queue({ downloading: 1 })
    queue({ done: 1 })
    expect([did, codes()]).toEqual([['notify'], ['sleeping-soon']])
    await later(59_999)
    expect(did).toEqual(['notify'])
    await later(1)
    expect([did, codes()]).toEqual([['notify', 'sleep'], []])
    queue({ done: 1 })
    await later(600_000)
    expect(did).toEqual(['notify', 'sleep'])
  })

  test.each([
    ['a hand of the user', (open: ReturnType<typeof openWatch>) => open.watch.touched()],
    ['a new download', (open: ReturnType<typeof openWatch>) => open.queue({ done: 1, preparing: 1 })],
    ['another choice', (open: ReturnType<typeof openWatch>) => open.choose({ afterQueue: 'nothing' })],
    ['the end of the app', (open: ReturnType<typeof openWatch>) => open.watch.close()],
  ])('DL18: %s takes it back', async (_, act) => {
    const open = openWatch({ keepAwake: false, afterQueue: 'sleep' })
    open.queue({ downloading: 1 })
    open.queue({ done: 1 })
    act(open)
    expect(open.codes()).toEqual([])
    await open.later(600_000)
    expect(open.did).toEqual(['notify'])
  })

  test.each<[string, QueueCounts]>([
    ['paused', { done: 1, paused: 1 }],
    ['held or waiting', { done: 1, queued: 1 }],
    ['failed', { done: 1, failed: 1 }],
  ])('DL18: a queue in which something is %s brings no sleep', async (_, counts) => {
    const { did, queue, later } = openWatch({ keepAwake: false, afterQueue: 'sleep' })
    queue({ downloading: 2 })
    queue(counts)
    await later(600_000)
    expect(did).toEqual([])
  })

  test('DL18: a computer that can not be put to sleep says so', async () => {
    const { codes, queue, later } = openWatch({ afterQueue: 'sleep' }, false)
    queue({ downloading: 1 })
    queue({ done: 1 })
    await later(60_000)
    expect(codes()).toEqual(['no-sleep'])
  })
})
