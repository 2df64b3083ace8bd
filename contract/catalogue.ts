import { z } from 'zod'
import { domain, serverQuery } from './call.ts'
import { AudioFormat, CamelotKey, Cursor, Id, Instant, Money, Nothing, pageOf } from './values.ts'

/** Public pictures and sounds, read through the core's `openMedia`. */
export const MediaRef = z.string().regex(/^[a-z]+\/[0-9a-f]{64}$/, 'kind/sha256')

/** How the signed-in account may use an item: bought, granted, within a plan, or not (yet). */
export const Access = z.enum(['none', 'purchase', 'fan_entitlement', 'subscription'])
export type Access = z.infer<typeof Access>

export const DjSummary = z.object({ id: Id, name: z.string(), slug: z.string(), portrait: MediaRef.nullable() })
export type DjSummary = z.infer<typeof DjSummary>
export const Genre = z.object({ slug: z.string(), name: z.string(), trackCount: z.int() })
export type Genre = z.infer<typeof Genre>

/** One file that the store can deliver of a track. */
export const TrackFormat = z.object({ format: AudioFormat, sizeBytes: z.int(), isMaster: z.boolean() })
export type TrackFormat = z.infer<typeof TrackFormat>

export const TrackSummary = z.object({
  id: Id,
  title: z.string(),
  artist: z.string(),
  dj: DjSummary,
  genre: z.object({ slug: z.string(), name: z.string() }).nullable(),
  bpm: z.number().nullable(),
  key: CamelotKey.nullable(),
  durationSeconds: z.int().nullable(),
  price: Money,
  format: AudioFormat.nullable(),
  /** Bytes of the file to download. */
  sizeBytes: z.int().nullable(),
  /** Everything it can be downloaded as, the master first. */
  formats: z.array(TrackFormat),
  isFanOnly: z.boolean(),
  cover: MediaRef.nullable(),
  preview: MediaRef.nullable(),
  peaks: MediaRef.nullable(),
  publishedAt: Instant.nullable(),
  /** False while the file is still being made ready; `readyInSeconds` is then an estimate. */
  isReady: z.boolean(),
  readyInSeconds: z.int().nullable(),
  access: Access,
})
export type TrackSummary = z.infer<typeof TrackSummary>

export const PackSummary = z.object({
  id: Id,
  title: z.string(),
  dj: DjSummary,
  price: Money,
  trackCount: z.int(),
  durationSeconds: z.int(),
  sizeBytes: z.int().nullable(),
  isFanOnly: z.boolean(),
  cover: MediaRef.nullable(),
  isReady: z.boolean(),
  access: Access,
})
export type PackSummary = z.infer<typeof PackSummary>

const TrackDetail = TrackSummary.extend({
  description: z.string().nullable(),
  attemptLimit: z.int(),
  packs: z.array(PackSummary),
  moreByDj: z.array(TrackSummary),
})
const PackDetail = PackSummary.extend({ description: z.string().nullable(), tracks: z.array(TrackSummary) })
const Plan = z.object({
  plan: z.enum(['basic', 'pro', 'super']),
  price: Money,
  periodDays: z.int(),
  tracksQuota: z.int(),
  zipQuota: z.int(),
  fanUploadsQuota: z.int(),
})
const DjDetail = DjSummary.extend({
  bio: z.string().nullable(),
  trackCount: z.int(),
  tracks: z.array(TrackSummary),
  packs: z.array(PackSummary),
  plans: z.array(Plan),
})
export type TrackDetail = z.infer<typeof TrackDetail>
export type PackDetail = z.infer<typeof PackDetail>
export type DjDetail = z.infer<typeof DjDetail>

export const TrackSort = z.enum(['newest', 'title', 'artist', 'bpm', 'price', 'relevance'])
/** Every filter narrows; those left out do not. BPM is in beats per minute, prices in minor units of INR. */
export const TrackFilter = z.object({
  query: z.string().trim().max(200).optional(),
  genre: z.string().max(60).optional(),
  djSlug: z.string().max(80).optional(),
  bpmMin: z.number().min(20).max(400).optional(),
  bpmMax: z.number().min(20).max(400).optional(),
  key: CamelotKey.optional(),
  /** Also the keys that mix with `key`: one step around the wheel, and the other letter. */
  withHarmonicKeys: z.boolean().optional(),
  priceMaxMinor: z.int().nonnegative().optional(),
  priceMinMinor: z.int().nonnegative().optional(),
  /** Only what the account owns (true) or does not own (false). */
  owned: z.boolean().optional(),
})

export const catalogue = domain('catalogue', {
  home: serverQuery({
    about: 'The first screen of the store: new releases, a chart, packs, DJs and genres.',
    proof: 'optional',
    input: Nothing,
    output: z.object({
      newReleases: z.array(TrackSummary),
      chart: z.array(TrackSummary),
      packs: z.array(PackSummary),
      djs: z.array(DjSummary),
      genres: z.array(Genre),
    }),
  }),
  listTracks: serverQuery({
    about: 'Published tracks by filter, search and sort, a page at a time.',
    proof: 'optional',
    input: TrackFilter.extend({
      sort: TrackSort.default('newest'),
      cursor: Cursor.optional(),
      limit: z.int().min(1).max(100).default(40),
    }),
    output: pageOf(TrackSummary).extend({ total: z.int() }),
  }),
  getTrack: serverQuery({
    about: 'One track with what is shown on its page.',
    proof: 'optional',
    input: z.object({ trackId: Id }),
    output: TrackDetail,
    errors: ['not-found'],
  }),
  listPacks: serverQuery({
    about: 'Published album packs, newest first.',
    proof: 'optional',
    input: z.object({
      query: z.string().trim().max(200).optional(),
      cursor: Cursor.optional(),
      limit: z.int().min(1).max(100).default(40),
    }),
    output: pageOf(PackSummary),
  }),
  getPack: serverQuery({
    about: 'One album pack and its tracks in order.',
    proof: 'optional',
    input: z.object({ packId: Id }),
    output: PackDetail,
    errors: ['not-found'],
  }),
  listDjs: serverQuery({
    about: 'The approved DJs, by name.',
    proof: 'optional',
    input: z.object({
      query: z.string().trim().max(200).optional(),
      cursor: Cursor.optional(),
      limit: z.int().min(1).max(100).default(40),
    }),
    output: pageOf(DjSummary.extend({ trackCount: z.int() })),
  }),
  getDj: serverQuery({
    about: 'One DJ with tracks, packs and plans.',
    proof: 'optional',
    input: z.object({ slug: z.string().min(1).max(80) }),
    output: DjDetail,
    errors: ['not-found'],
  }),
  listGenres: serverQuery({
    about: 'The genres that have published tracks, with their counts.',
    proof: 'optional',
    input: Nothing,
    output: z.object({ genres: z.array(Genre) }),
  }),
})
