import { expect, test } from 'vitest'
import { catalogue } from '../../contract/catalogue.ts'
import { operatorValue, parseQuery, withOperator } from './query-language.ts'

test('every operator narrows, and the rest is searched for', () => {
  expect(parseQuery('night bpm:120-128 key:~8a genre:"Drum & Bass" price:<100 dj:nila owned:no drive')).toEqual({
    query: 'night drive',
    bpmMin: 120,
    bpmMax: 128,
    key: '8A',
    withHarmonicKeys: true,
    genre: 'drum-bass',
    priceMaxMinor: 10_000,
    djSlug: 'nila',
    owned: false,
  })
})

test('single values and open ranges', () => {
  expect(parseQuery('bpm:124')).toEqual({ bpmMin: 124, bpmMax: 124 })
  expect(parseQuery('bpm:>130 price:29-99')).toEqual({ bpmMin: 130, priceMinMinor: 2900, priceMaxMinor: 9900 })
  expect(parseQuery('bpm:128-120')).toEqual({ bpmMin: 120, bpmMax: 128 })
})

test('what makes no sense is searched for as words, and the call accepts it', () => {
  for (const text of ['bpm:fast', 'key:13C', 'bpm:4', 'owned:maybe', 'genre:', '"', 'http://x', 'price:<']) {
    expect(catalogue.listTracks.input.safeParse(parseQuery(text)).success, text).toBe(true)
  }
  expect(parseQuery('key:13C')).toEqual({ query: 'key:13C' })
})

test('an operator is set, replaced and taken out without touching the rest', () => {
  expect(withOperator('night', 'genre', 'deep house')).toBe('night genre:"deep house"')
  expect(withOperator('night genre:"deep house" bpm:120', 'genre', 'techno')).toBe('night bpm:120 genre:techno')
  expect(withOperator('key:~8A night', 'key', null)).toBe('night')
  expect(operatorValue('a genre:"deep house"', 'genre')).toBe('deep house')
  expect(operatorValue('a', 'genre')).toBeNull()
})
