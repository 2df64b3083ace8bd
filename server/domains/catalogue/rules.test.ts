import { describe, expect, it } from 'vitest'
import { harmonicKeys, leastSimilarity, readyInSeconds, searchWords } from './rules.ts'

describe('harmonicKeys', () => {
  it.each([
    ['8A', ['8A', '7A', '9A', '8B']],
    ['1A', ['1A', '12A', '2A', '1B']],
    ['12B', ['12B', '11B', '1B', '12A']],
  ])('%s mixes with its neighbours on the wheel and its other letter', (key, expected) => {
    expect(harmonicKeys(key)).toEqual(expected)
  })
})

describe('searchWords', () => {
  it('takes each word once, without the signs around it', () => {
    expect(searchWords('gulmohar (dub) & gulmohar')).toEqual(['gulmohar', 'dub'])
  })
  it('keeps signs inside words', () => {
    expect(searchWords("don't 100% drum&bass")).toEqual(["don't", '100', 'drum&bass'])
  })
  it('stops at eight words', () => {
    expect(searchWords('a b c d e f g h i j')).toHaveLength(8)
  })
})

describe('leastSimilarity', () => {
  it('asks more of short words', () => {
    expect(leastSimilarity('dub', 0)).toBeGreaterThan(leastSimilarity('progressive', 0))
  })
  it('shows nothing beside a much better guess', () => {
    expect(leastSimilarity('kouji', 0.5)).toBeGreaterThan(0.34)
    expect(leastSimilarity('kouji', 0.5)).toBeLessThan(0.5)
  })
})

describe('readyInSeconds', () => {
  it('is never 0 while the file is not there, and nothing once it is', () => {
    expect(readyInSeconds(false, 10_500, 0)).toBe(11)
    expect(readyInSeconds(false, 5, 1_000_000)).toBe(1)
    expect(readyInSeconds(true, 10_500, 0)).toBeNull()
    expect(readyInSeconds(false, null, 0)).toBeNull()
  })
})
