import { expect, test } from 'vitest'
import type { TextValues } from '../text.ts'
import { limitWords } from './speed-words.ts'

const t = (sentence: string, values: TextValues = {}): string =>
  sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
const at18 = new Date(2026, 5, 1, 18, 0).toISOString()

test('DL9: the limit that applies says how much, until when, and who set it', () => {
  expect(limitWords(t, { bytesPerSecond: 2_000_000, source: 'schedule', until: at18 })).toMatch(
    /^2 MB\/s until (18:00|6:00.PM), by schedule$/,
  )
  expect(limitWords(t, { bytesPerSecond: null, source: 'none', until: null })).toBe('No limit')
  expect(limitWords(t, { bytesPerSecond: 2_000_000, source: 'always', until: null })).toBe('At most 2 MB/s')
  expect(limitWords(t, { bytesPerSecond: 0, source: 'always', until: null })).toBe('Gig mode: everything is held')
  expect(limitWords(t, { bytesPerSecond: 0, source: 'schedule', until: at18 })).toContain('Held until')
  expect(limitWords(t, { bytesPerSecond: 700_000, source: 'headroom', until: null })).toContain(
    'to leave room for others',
  )
})
