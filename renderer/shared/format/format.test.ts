import { expect, test } from 'vitest'
import { formatBytes, formatSpeed } from './bytes.ts'
import { formatMoney, sumOf } from './money.ts'
import { formatLength, formatRemaining, formatSince } from './time.ts'

test('money shows its currency and only the decimals it has', () => {
  expect(formatMoney({ minor: 4900, currency: 'INR' }, 'en-IN')).toBe('₹49')
  expect(formatMoney({ minor: 2050, currency: 'USD' }, 'en-US')).toBe('$20.50')
  expect(formatMoney({ minor: 500, currency: 'JPY' }, 'en-US')).toBe('¥500')
  expect(
    sumOf([
      { minor: 4900, currency: 'INR' },
      { minor: 7900, currency: 'INR' },
    ]),
  ).toEqual({ minor: 12_800, currency: 'INR' })
})

test('sizes keep three significant digits and decimal units', () => {
  expect([0, 999, 1000, 9_440_000, 99_960_000, 1_210_000_000].map((size) => formatBytes(size, 'en'))).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '9.4 MB',
    '100 MB',
    '1.21 GB',
  ])
  expect(formatSpeed(3_200_000, 'en')).toBe('3.2 MB/s')
})

test('lengths and waits', () => {
  expect([0, 61.9, 341, 3729].map(formatLength)).toEqual(['0:00', '1:01', '5:41', '1:02:09'])
  expect([0.2, 59, 185, 4800].map(formatRemaining)).toEqual(['1 s', '59 s', '3 min', '1 h 20 min'])
})

test('a moment is told from now', () => {
  const now = Date.parse('2026-01-10T12:00:00Z')
  expect(formatSince('2026-01-10T11:59:40Z', now, 'en')).toBe('just now')
  expect(formatSince('2026-01-10T10:00:00Z', now, 'en')).toBe('2 hours ago')
  expect(formatSince('2026-01-09T11:00:00Z', now, 'en')).toBe('yesterday')
})
