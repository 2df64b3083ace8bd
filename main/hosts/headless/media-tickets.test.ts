import { expect, test } from 'vitest'
import { createManualClock } from '../../../tests/_kit/manual-clock.ts'
import { systemRandom } from '../../adapters/system-random.ts'
import { createMediaTickets, TICKET_LIFE_MS } from './media-tickets.ts'

const COVER = `cover/${'a'.repeat(64)}`

test('a ticket opens its item for an hour, and no other', () => {
  const clock = createManualClock()
  const tickets = createMediaTickets(clock, systemRandom)
  const ticket = tickets.issue(COVER, 'tab-1')
  expect(tickets.isGood(ticket, COVER)).toBe(true)
  expect(tickets.isGood(ticket, `cover/${'b'.repeat(64)}`)).toBe(false)
  clock.advance(TICKET_LIFE_MS - 1)
  expect(tickets.isGood(ticket, COVER)).toBe(true)
  clock.advance(1)
  expect(tickets.isGood(ticket, COVER)).toBe(false)
})

test('a changed ticket opens nothing', () => {
  const clock = createManualClock()
  const tickets = createMediaTickets(clock, systemRandom)
  const [expiry = '', tab = '', signature = ''] = tickets.issue(COVER, 'tab-1').split('.')
  const later = (Number.parseInt(expiry, 36) + 1).toString(36)
  for (const ticket of [
    '',
    '..',
    `${later}.${tab}.${signature}`,
    `${expiry}.tab-2.${signature}`,
    `${expiry}.${tab}.`,
    `${expiry}.${tab}.${signature}A`,
    `${expiry}.${tab}.${signature}.x`,
    createMediaTickets(clock, systemRandom).issue(COVER, 'tab-1'),
  ])
    expect(tickets.isGood(ticket, COVER)).toBe(false)
})
