import { expect, test } from 'vitest'
import { systemRandom } from '../../adapters/system-random.ts'
import { createTabs } from './tabs.ts'

test('the printed link opens any number of tabs, each with a bearer of its own', () => {
  const tabs = createTabs(systemRandom)
  const bearers = [1, 2, 3].map(() => tabs.exchange(tabs.launchSecret))
  const ids = bearers.map((bearer) => tabs.tabOf(`Bearer ${bearer}`)?.id)
  expect(new Set(ids).size).toBe(3)
  expect(ids).not.toContain(undefined)
})

test('the link that the host hands to a browser opens one tab', () => {
  const tabs = createTabs(systemRandom)
  const secret = tabs.onceSecret()
  expect(tabs.exchange(secret)).toEqual(expect.any(String))
  expect(tabs.exchange(secret)).toBeNull()
})

test('only a command line is known as one', () => {
  const tabs = createTabs(systemRandom)
  const kindOf = (secret: string) => tabs.tabOf(`Bearer ${tabs.exchange(secret)}`)?.kind
  expect(kindOf(tabs.commandSecret)).toBe('command-line')
  expect(kindOf(tabs.launchSecret)).toBe('browser')
  expect(kindOf(tabs.onceSecret())).toBe('browser')
})

test('no secret is a bearer, and no made-up word is either', () => {
  const tabs = createTabs(systemRandom)
  const bearer = tabs.exchange(tabs.launchSecret)
  for (const header of [
    undefined,
    '',
    'Bearer ',
    `Bearer ${tabs.launchSecret}`,
    `Bearer ${tabs.commandSecret}`,
    `Bearer ${systemRandom.bytes(32).toString('base64url')}`,
    `bearer ${bearer}`,
    `Basic ${bearer}`,
    `Bearer ${bearer} `,
  ])
    expect(tabs.tabOf(header)).toBeNull()
  expect(tabs.exchange('')).toBeNull()
  expect(tabs.exchange(`${bearer}`)).toBeNull()
})

test('one who opens tabs without end pushes out his oldest, not the memory', () => {
  const tabs = createTabs(systemRandom)
  const first = tabs.exchange(tabs.launchSecret)
  for (let opened = 0; opened < 500; opened++) tabs.exchange(tabs.launchSecret)
  expect(tabs.tabOf(`Bearer ${first}`)).toBeNull()
})
