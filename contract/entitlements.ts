import { z } from 'zod'
import { domain, serverQuery } from './call.ts'
import { PackSummary, TrackSummary } from './catalogue.ts'
import { Cursor, Id, Instant, Nothing, pageOf } from './values.ts'

/** Something the account may download now, and why. */
export const Owned = z.object({
  contentType: z.enum(['track', 'album', 'fan']),
  contentId: Id,
  access: z.enum(['purchase', 'fan_entitlement', 'subscription']),
  since: Instant,
  title: z.string(),
  /** The track (type `track`), or null. */
  track: TrackSummary.nullable(),
  /** The pack and its tracks in order (type `album`), or null. */
  pack: PackSummary.extend({ tracks: z.array(TrackSummary) }).nullable(),
})
export type Owned = z.infer<typeof Owned>

const Subscription = z.object({
  id: Id,
  dj: z.object({ id: Id, name: z.string(), slug: z.string() }),
  plan: z.enum(['basic', 'pro', 'super']),
  isCurrent: z.boolean(),
  startedAt: Instant,
  /** The first day without access, YYYY-MM-DD in UTC. */
  expiresOn: z.iso.date(),
  tracks: z.object({ used: z.int(), quota: z.int() }),
  zips: z.object({ used: z.int(), quota: z.int() }),
  fanUploads: z.object({ used: z.int(), quota: z.int() }),
})

export const entitlements = domain('entitlements', {
  listOwned: serverQuery({
    about: 'What the account owns, was granted, or has taken from a plan; newest first.',
    proof: 'session',
    input: z.object({ cursor: Cursor.optional(), limit: z.int().min(1).max(200).default(100) }),
    output: pageOf(Owned),
  }),
  listSubscriptions: serverQuery({
    about: 'The DJ plans of the account and what is left of them.',
    proof: 'session',
    input: Nothing,
    output: z.object({ subscriptions: z.array(Subscription) }),
  }),
})
