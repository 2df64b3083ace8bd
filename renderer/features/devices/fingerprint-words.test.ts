import { expect, test } from 'vitest'
import { fingerprintWords } from './fingerprint-words.ts'

test('a thumbprint is told in four words, the same every time, and another one in others', () => {
  const words = fingerprintWords('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  expect(words.split(' ')).toHaveLength(4)
  expect(fingerprintWords('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')).toBe(words)
  expect(fingerprintWords('_-9zsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')).not.toBe(words)
})

test('every digit has a word of its own', () => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  expect(new Set([...digits].map((digit) => fingerprintWords(digit))).size).toBe(64)
})
