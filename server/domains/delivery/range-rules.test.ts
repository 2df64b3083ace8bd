import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ByteRange } from '../../../contract/values.ts'
import { rangeFault, smallestRange } from './range-rules.ts'

it.each<[ByteRange[], string | null]>([
  [[], null],
  [[[0, 99]], null],
  [
    [
      [50, 99],
      [0, 49],
    ],
    null,
  ],
  [
    [
      [0, 50],
      [50, 99],
    ],
    'overlapping-ranges',
  ],
  [
    [
      [10, 20],
      [12, 14],
    ],
    'overlapping-ranges',
  ],
  [[[0, 100]], 'range-not-granted'],
  [[[100, 100]], 'range-not-granted'],
])('ranges %j of 100 bytes: %s', (ranges, fault) => {
  expect(rangeFault(ranges, 100)).toBe(fault)
})

it('finds an overlap exactly where two ranges share a byte', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]): ByteRange => [Math.min(a, b), Math.max(a, b)])
  fc.assert(
    fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
      const counts = Array.from(
        { length: 61 },
        (_, at) => ranges.filter(([start, end]) => start <= at && at <= end).length,
      )
      expect(rangeFault(ranges, 61)).toBe(counts.some((count) => count > 1) ? 'overlapping-ranges' : null)
    }),
  )
})

it('knows the smallest range', () => {
  expect(smallestRange([])).toBe(0)
  expect(
    smallestRange([
      [0, 9],
      [10, 12],
    ]),
  ).toBe(3)
})
