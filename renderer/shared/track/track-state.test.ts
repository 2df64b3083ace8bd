import { expect, test } from 'vitest'
import { trackStateOf } from './track-state.ts'

const forSale = {
  access: 'none',
  isFanOnly: false,
  isReady: true,
  isConfirming: false,
  local: null,
  download: null,
} as const

test('a track that is not owned is for sale, for fans, being made ready, or being paid', () => {
  expect(trackStateOf(forSale)).toBe('for-sale')
  expect(trackStateOf({ ...forSale, isFanOnly: true })).toBe('fan-only')
  expect(trackStateOf({ ...forSale, isReady: false })).toBe('not-ready')
  expect(trackStateOf({ ...forSale, isConfirming: true })).toBe('confirming')
})

test('what is under way wins over what is here, and that over what may be had', () => {
  expect(trackStateOf({ ...forSale, access: 'purchase' })).toBe('owned')
  expect(trackStateOf({ ...forSale, access: 'subscription' })).toBe('in-plan')
  expect(trackStateOf({ ...forSale, access: 'purchase', local: 'here' })).toBe('here')
  expect(trackStateOf({ ...forSale, access: 'purchase', local: 'damaged', download: 'downloading' })).toBe(
    'downloading',
  )
  expect(trackStateOf({ ...forSale, access: 'purchase', local: 'here', download: 'done' })).toBe('here')
})

test('a file on this computer stays usable when the store no longer grants it', () => {
  expect(trackStateOf({ ...forSale, local: 'here' })).toBe('here')
  expect(trackStateOf({ ...forSale, local: 'cloud' })).toBe('owned')
})

test('what only waits is told from what needs the user, and what has ended says nothing', () => {
  const owned = { ...forSale, access: 'purchase' } as const
  expect(trackStateOf({ ...owned, download: 'stalled' })).toBe('waiting')
  expect(trackStateOf({ ...owned, download: 'waiting-for-drive' })).toBe('waiting')
  expect(trackStateOf({ ...owned, download: 'needs-space' })).toBe('needs-you')
  expect(trackStateOf({ ...owned, local: 'here', download: 'ended' })).toBe('here')
})
