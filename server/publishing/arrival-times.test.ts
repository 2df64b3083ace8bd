import { expect, it } from 'vitest'
import { arrivalTimes } from './arrival-times.ts'

it('what is made later arrives later, by the length of all before it', () => {
  const sounds = [
    { id: 'a', seconds: 60 },
    { id: 'b', seconds: 120 },
  ]
  expect([...arrivalTimes(sounds, { now: 1000, pace: 20 })]).toEqual([
    ['a', 4000],
    ['b', 10_000],
  ])
})
