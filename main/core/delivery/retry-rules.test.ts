import { describe, expect, it } from 'vitest'
import { ERRORS } from '../../../contract/errors.ts'
import { failureEvent } from './failure-event.ts'
import { LONGEST_RETRY_AFTER_MS, waitAfterFailure } from './retry-rules.ts'

describe('DL7: clients that broke off together do not come back together', () => {
  it.each([
    [0, 500, 1000],
    [3, 4000, 8000],
    [30, 150_000, 300_000],
  ])('after %i failures the wait is anywhere from %i to %i ms', (failures, least, most) => {
    const waits = [0, 0.5, 1].map((jitter) =>
      waitAfterFailure({ code: 'internal', failures, retryAfterMs: null, jitter }),
    )
    expect(waits).toEqual([least, (least + most) / 2, most])
  })

  it('never before the time that the server named, which counts up to an hour', () => {
    const wait = (retryAfterMs: number) =>
      [0, 1].map((jitter) => waitAfterFailure({ code: 'rate-limited', failures: 0, retryAfterMs, jitter }))
    expect(wait(700)).toEqual([700, 1000])
    expect(wait(90_000)).toEqual([90_000, 90_000])
    expect(wait(9e9)).toEqual([LONGEST_RETRY_AFTER_MS, LONGEST_RETRY_AFTER_MS])
  })

  it('the share is drawn anew for each failure, over its whole breadth', () => {
    const drawn = [0, 51, 255]
    const bytes = [...drawn]
    const ports = {
      random: { bytes: () => Buffer.from([bytes.shift() ?? 0]), uuid: () => '' },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    }
    const shares = drawn.map(() => failureEvent(new Error(ERRORS.internal.title), 1, ports).jitter)
    expect(shares).toEqual([0, 0.2, 1])
  })
})
