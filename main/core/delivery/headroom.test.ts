import { describe, expect, test } from 'vitest'
import { createHeadroom, type Headroom } from './headroom.ts'

/** Brings so many bytes per second from `from` on, in ten pieces a second, and answers the time after. */
function bring(headroom: Headroom, from: number, seconds: number, rate: (second: number) => number): number {
  for (let step = 0; step < seconds * 10; step++) headroom.note(rate(Math.floor(step / 10)) / 10, from + step * 100)
  return from + seconds * 1000
}

describe('DL9: the estimate of the line', () => {
  test('DL9: nothing is known before the first five seconds have passed', () => {
    const headroom = createHeadroom()
    expect(headroom.capacity(0)).toBeNull()
    expect(headroom.note(1000, 0)).toBe(true)
    expect([headroom.isMeasuring(4_999), headroom.capacity(4_999)]).toEqual([true, null])
    expect(headroom.isMeasuring(5_000)).toBe(false)
  })

  test('DL9: the start of the connections and the seconds in which others were faster do not count', () => {
    const headroom = createHeadroom()
    const end = bring(headroom, 0, 6, (second) => [100, 1000, 400, 1000, 1000, 50][second] ?? 0)
    expect(headroom.capacity(end)).toBeCloseTo(1000)
  })

  test('DL9: what comes between two measurements says nothing; a slower line is believed after two of them', () => {
    const headroom = createHeadroom()
    let now = bring(headroom, 0, 6, () => 1000)
    now = bring(headroom, now, 110, () => 9)
    expect(headroom.capacity(now)).toBeCloseTo(1000)
    now = bring(headroom, now, 10, () => 400)
    expect(headroom.capacity(now)).toBeCloseTo(1000)
    now = bring(headroom, 240_000, 6, () => 400)
    expect(headroom.capacity(now)).toBeCloseTo(400)
  })

  test('DL9: a measurement that a limit held back does not count', () => {
    const headroom = createHeadroom()
    bring(headroom, 0, 3, () => 1000)
    headroom.spoil(3_000)
    const now = bring(headroom, 3_000, 3, () => 1000)
    expect(headroom.capacity(now)).toBeNull()
    // Afterwards limits may hold again.
    const end = bring(headroom, 120_000, 6, () => 500)
    headroom.spoil(end)
    expect(headroom.capacity(end)).toBeCloseTo(500)
  })

  test('DL9: after a pause, perhaps on another line, only new measurements count', () => {
    const headroom = createHeadroom()
    bring(headroom, 0, 6, () => 1000)
    const now = bring(headroom, 3_600_000, 6, () => 10)
    expect(headroom.capacity(now)).toBeCloseTo(10)
  })
})
