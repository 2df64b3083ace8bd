import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ByteRange } from '../../../contract/values.ts'
import { clampedRanges } from './range-rules.ts'
import { smallestRange } from './rules.ts'

it.each<[ByteRange[], ByteRange[] | string]>([
  [[], []],
  [[[0, 99]], [[0, 99]]],
  [
    [
      [50, 99],
      [0, 49],
    ],
    [
      [50, 99],
      [0, 49],
    ],
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
  [
    [
      [0, 1000],
      [200, 300],
    ],
    'overlapping-ranges',
  ],
  [[[0, 100]], [[0, 99]]],
  [
    [
      [99, 5000],
      [0, 98],
    ],
    [
      [99, 99],
      [0, 98],
    ],
  ],
  [[[100, 100]], 'range-not-satisfiable'],
  [
    [
      [0, 99],
      [100, 100],
    ],
    'range-not-satisfiable',
  ],
])('ranges %j of 100 bytes: %j', (ranges, expected) => {
  const outcome = clampedRanges(ranges, 100)
  expect('fault' in outcome ? outcome.fault : outcome.ranges).toEqual(expected)
})

it('grants nothing of an empty file', () => {
  expect(clampedRanges([[0, 4_000_000_000]], 0)).toEqual({ ranges: [] })
})

it('finds an overlap exactly where two ranges share a byte', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]): ByteRange => [Math.min(a, b), Math.max(a, b)])
  fc.assert(
    fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
      const counts = Array.from(
        { length: 61 },
        (_, at) => ranges.filter(([start, end]) => start <= at && at <= end).length,
      )
      const isShared = counts.some((count) => count > 1)
      expect(clampedRanges(ranges, 61)).toEqual(isShared ? { fault: 'overlapping-ranges' } : { ranges })
    }),
  )
})

it('knows the smallest range, of what the file has of it', () => {
  const ranges: ByteRange[] = [
    [0, 9],
    [10, 12],
  ]
  expect(smallestRange([], 100)).toBe(0)
  expect(smallestRange(ranges, 100)).toBe(3)
  expect(smallestRange([[0, 4_000_000_000]], 100)).toBe(100)
  expect(smallestRange([[200, 300]], 100)).toBe(0)
})
