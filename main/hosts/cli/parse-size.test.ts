import { expect, test } from 'vitest'
import { parseSpeed } from './parse-size.ts'

test.each([
  ['2MB', 2_000_000],
  ['2 mb/s', 2_000_000],
  ['500kB', 500_000],
  ['1.5MiB', 1_572_864],
  ['2M', 2_000_000],
  ['1g', 1_000_000_000],
  ['64KiB/s', 65_536],
  ['1200', 1200],
  ['0', 0],
  ['0kB', 0],
  ['off', null],
  ['none', null],
])('%s is %s bytes per second', (word, bytes) => {
  expect(parseSpeed(word)).toBe(bytes)
})

test.each(['', 'fast', '-1', '2XB', '1e3', '2 MB please', 'constructor', '1constructor', `1${'0'.repeat(400)}`, 'NaN'])(
  '"%s" is refused',
  (word) => {
    expect(() => parseSpeed(word)).toThrow(/is no speed/)
  },
)
