import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock, Random } from '../../core/ports.ts'

export const TICKET_LIFE_MS = 3_600_000

/** Tickets with which an `<audio>` or `<img>` element reads one media item: such elements can send no header. */
export interface MediaTickets {
  issue(mediaId: string, tab: string): string
  /** Whether the ticket was issued for this item and its hour is not over. */
  isGood(ticket: string, mediaId: string): boolean
}

/** A ticket is `<expiry>.<tab>.<HMAC over item, tab and expiry>` under a key of this process. */
export function createMediaTickets(clock: Clock, random: Random): MediaTickets {
  const key = random.bytes(32)

  function sign(mediaId: string, tab: string, expiry: string): string {
    return createHmac('sha256', key).update(`${mediaId}\n${tab}\n${expiry}`).digest('base64url')
  }

  return {
    issue(mediaId, tab) {
      const expiry = (clock.now() + TICKET_LIFE_MS).toString(36)
      return `${expiry}.${tab}.${sign(mediaId, tab, expiry)}`
    },
    isGood(ticket, mediaId) {
      const [expiry, tab, signature, ...rest] = ticket.split('.')
      if (expiry === undefined || tab === undefined || signature === undefined || rest.length > 0) return false
      const expected = Buffer.from(sign(mediaId, tab, expiry))
      const given = Buffer.from(signature)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
      return Number.parseInt(expiry, 36) > clock.now()
    },
  }
}
