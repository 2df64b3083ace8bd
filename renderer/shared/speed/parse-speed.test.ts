import { expect, test } from 'vitest'
import { parseSpeed } from './parse-speed.ts'

test('DL9: a typed speed is read in MB/s, or in the unit that stands with it', () => {
  const read = ['2', ' 2.5 ', '0,8', '500 kB/s', '1.5M', '0.01'].map(parseSpeed)
  expect(read).toEqual(
    [2_000_000, 2_500_000, 800_000, 500_000, 1_500_000, 10_000].map((bytesPerSecond) => ({ bytesPerSecond })),
  )
})

test('DL9: what is no speed is refused with words that say what to type', () => {
  for (const typed of ['', 'fast', '-1', '2 2', '0', '0.001', '99999', 'NaN', '1e9', '∞']) {
    const parsed = parseSpeed(typed)
    expect('problem' in parsed ? parsed.problem : parsed, typed).toMatch(/for example|least|most/)
  }
})
