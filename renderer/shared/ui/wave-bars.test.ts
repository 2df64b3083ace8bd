import { expect, test } from 'vitest'
import { waveBars } from './wave-bars.ts'

test('bars follow the loudness of their stretch', () => {
  const peaks = new Int8Array(800)
  for (let at = 400; at < 800; at += 2) peaks.set([-100, 100], at)
  const bars = waveBars(peaks, 10)
  expect(bars).toHaveLength(10)
  expect(bars.slice(0, 5)).toEqual([0, 0, 0, 0, 0])
  expect(bars.slice(5)).toEqual([1, 1, 1, 1, 1])
})

test('more bars than samples, and silence, stay drawable', () => {
  expect(waveBars(new Int8Array([-127, 127]), 5).every((height) => height >= 0 && height <= 1)).toBe(true)
  expect(waveBars(new Int8Array(0), 3)).toEqual([0, 0, 0])
})
