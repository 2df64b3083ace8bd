import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DownloadStatus } from '../../../contract/delivery.ts'
import { isBusy, lookAtQueue, NO_RUN, type QueueCounts } from './rules.ts'

/** Looks at one state of the queue after the other; the answer is whether the last one was the queue run empty by itself. */
function ranEmpty(looks: readonly QueueCounts[], touchedBeforeLast = false): boolean {
  let run = NO_RUN
  let isEmpty = false
  for (const [index, counts] of looks.entries()) {
    const isLast = index === looks.length - 1
    ;[run, isEmpty] = lookAtQueue(run, counts, isLast && touchedBeforeLast)
  }
  return isEmpty
}

describe('DL18: the queue that has run empty', () => {
  test('DL18: is one in which the last download arrived', () => {
    expect(
      ranEmpty([{ downloading: 1, queued: 1 }, { done: 1, queued: 1 }, { done: 1, verifying: 1 }, { done: 2 }]),
    ).toBe(true)
    expect(
      ranEmpty([
        { downloading: 1, failed: 2 },
        { failed: 2, done: 1 },
      ]),
    ).toBe(true)
  })

  test('DL18: is not one that was empty all the time, and is told once', () => {
    expect(ranEmpty([{}, { done: 3 }])).toBe(false)
    expect(ranEmpty([{ downloading: 1 }, { done: 1 }, { done: 1 }])).toBe(false)
  })

  test('DL18: is not one that the user has emptied or touched at the end', () => {
    expect(
      ranEmpty(
        [
          { downloading: 1, done: 5 },
          { done: 5, cancelled: 1 },
        ],
        true,
      ),
    ).toBe(false)
  })

  test.each(DownloadStatus.options.filter((status) => !['done', 'cancelled', 'ended'].includes(status)))(
    'DL18: is not one in which a download is %s',
    (status) => {
      expect(ranEmpty([{ downloading: 2 }, { done: 1, [status]: 1 }])).toBe(false)
    },
  )

  test('DL18: is not one in which something failed on the way, however it goes on', () => {
    const looks = [
      { downloading: 1, queued: 1 },
      { failed: 1, stalled: 1 },
      { failed: 1, downloading: 1 },
      { failed: 1, done: 1 },
    ]
    expect(ranEmpty(looks)).toBe(false)
  })

  test('DL18: no history of the queue ends in one while something is left or nothing ever ran', () => {
    const counts = fc.dictionary(fc.constantFrom(...DownloadStatus.options), fc.nat(2), { noNullPrototype: true })
    fc.assert(
      fc.property(fc.array(counts, { minLength: 1 }), (looks) => {
        if (!ranEmpty(looks)) return
        const last = Object.entries(looks.at(-1) ?? {}).filter(([, count]) => count > 0)
        expect(last.every(([status]) => ['done', 'cancelled', 'ended', 'failed'].includes(status))).toBe(true)
        expect(looks.some((look) => isBusy(look))).toBe(true)
      }),
    )
  })

  test('DL18: what works or tries again in a moment needs the computer awake; what waits for someone does not', () => {
    const busy = DownloadStatus.options.filter((status) => isBusy({ [status]: 1 }))
    expect(busy.sort()).toEqual(['downloading', 'preparing', 'stalled', 'verifying'])
  })
})
