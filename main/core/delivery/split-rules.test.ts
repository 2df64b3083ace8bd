import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isWorthSplitting, splitPoint } from './split-rules.ts'

it('a split leaves something on both sides, and falls on the begin of a segment where one lies between', () => {
  fc.assert(
    fc.property(
      fc.nat(1_000_000),
      fc.integer({ min: 2, max: 1_000_000 }),
      fc.integer({ min: 1, max: 5000 }),
      (next, left, size) => {
        const end = next + left - 1
        const point = splitPoint(next, end, size)
        expect(point).toBeGreaterThan(next)
        expect(point).toBeLessThanOrEqual(end)
        if (left > 2 * size) expect(point % size).toBe(0)
      },
    ),
  )
})

it('little, or what comes in a moment, is not split', () => {
  expect(isWorthSplitting(10_000, 60_000, 500)).toBe(false)
  expect(isWorthSplitting(10_000_000, 400, 500)).toBe(false)
  expect(isWorthSplitting(10_000_000, 5_000, 500)).toBe(true)
})
