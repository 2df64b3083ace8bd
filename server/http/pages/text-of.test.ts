import { expect, it } from 'vitest'
import { excerpt, isoDuration, lengthText, moneyText, plainAmount } from './text-of.ts'

it('writes money with its currency and only the digits it needs', () => {
  expect(moneyText({ minor: 4900, currency: 'INR' })).toBe('₹49')
  expect(moneyText({ minor: 4950, currency: 'INR' })).toBe('₹49.50')
  expect(moneyText({ minor: 12_345_600, currency: 'INR' })).toBe('₹1,23,456')
  expect(plainAmount({ minor: 4900, currency: 'INR' })).toBe('49.00')
  expect(plainAmount({ minor: 4900, currency: 'JPY' })).toBe('4900')
})

it('writes lengths', () => {
  expect([lengthText(5), lengthText(341), lengthText(3661)]).toEqual(['0:05', '5:41', '1:01:01'])
  expect(isoDuration(341)).toBe('PT5M41S')
})

it('cuts at a word, and never longer than asked', () => {
  expect(excerpt('short  text', 20)).toBe('short text')
  expect(excerpt('one two three four', 12)).toBe('one two…')
  expect(excerpt('x'.repeat(50), 10)).toHaveLength(10)
})
