import { createHash } from 'node:crypto'
import type { CallerFacts, Needs } from '../../server/context.ts'
import type { Database } from '../../server/db/database.ts'
import { asCaller, type ServerTransaction } from '../../server/db/transaction.ts'
import { as, PEOPLE, type PersonName, SERVICE } from './people.ts'

/** The moment at which the tests' time begins, ms. */
export const START = Date.UTC(2026, 10, 21, 12, 0, 0)

/** A clock that stands still until a test moves it. */
export interface HandClock {
  now(): number
  advance(ms: number): void
}

export function handClock(start = START): HandClock {
  let now = start
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
  }
}

/** A fixed id from a readable name. */
export function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export function sha256Of(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

export interface ShopTrack {
  readonly name: string
  readonly dj?: 'nova' | 'vega'
  readonly title?: string
  readonly artist?: string | null
  readonly priceMinor?: number
  readonly bpm?: number
  readonly key?: string
  readonly genre?: string
  readonly isFanOnly?: boolean
  readonly isReady?: boolean
  readonly status?: 'draft' | 'published' | 'archived'
  /** ms. */
  readonly publishedAt?: number
}

/** Puts tracks into the store, each with its stored file unless it says otherwise. Ids are `idOf(name)`. */
export async function stockTracks(db: Database, tracks: readonly ShopTrack[], clock: HandClock): Promise<void> {
  await asCaller(
    db,
    SERVICE,
    async (tx) => {
      await addGenres(tx, [...new Set(tracks.map(({ genre }) => genre ?? 'house'))])
      for (const [place, track] of tracks.entries()) await addTrack(tx, track, clock.now() - (place + 1) * 60_000)
    },
    { clock },
  )
}

async function addGenres(tx: ServerTransaction, slugs: readonly string[]): Promise<void> {
  await tx
    .insertInto('genres')
    .values(slugs.map((slug) => ({ id: idOf(`genre ${slug}`), slug, name: slug })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function addTrack(tx: ServerTransaction, track: ShopTrack, publishedAt: number): Promise<void> {
  const { name, isReady = true } = track
  await tx
    .insertInto('tracks')
    .values({
      id: idOf(name),
      dj_id: PEOPLE[track.dj ?? 'nova'],
      title: track.title ?? name,
      artist_name: track.artist ?? null,
      price_minor: track.priceMinor ?? 4900,
      bpm: track.bpm ?? 124,
      musical_key: track.key ?? '8A',
      genre_id: idOf(`genre ${track.genre ?? 'house'}`),
      duration_seconds: 200,
      is_fan_only: track.isFanOnly ?? false,
      status: track.status ?? 'published',
      published_at: new Date(track.publishedAt ?? publishedAt),
      audio_format: 'mp3',
      expected_at: new Date(publishedAt + 300_000),
    })
    .execute()
  if (isReady) await addFile(tx, 'track', name, 'mp3')
}

/** Gives a content its stored file: an object of 5,000,000 bytes that only the database knows. */
export async function addFile(
  tx: ServerTransaction,
  contentType: 'track' | 'album' | 'fan',
  name: string,
  format: string,
): Promise<void> {
  const sha256 = sha256Of(`object ${name}`)
  const table = { track: 'tracks', album: 'album_packs', fan: 'fan_uploads' } as const
  await tx
    .insertInto('objects')
    .values({
      sha256,
      key: `objects/${sha256}`,
      size_bytes: 5_000_000,
      mime_type: 'audio/mpeg',
      segment_sha256: [sha256Of(`${name} 0`), sha256Of(`${name} 1`)],
      segment_root: sha256Of(`${name} root`),
    })
    .execute()
  await tx
    .updateTable(table[contentType])
    .set({ file_key: `objects/${sha256}`, sha256, file_size_bytes: 5_000_000, mime_type: 'audio/mpeg' })
    .where('id', '=', idOf(name))
    .execute()
  await tx
    .insertInto('content_files')
    .values({
      content_type: contentType,
      content_id: idOf(name),
      format,
      object_sha256: sha256,
      file_name: `${name}.${format}`,
    })
    .execute()
}

/** Puts an album pack of these tracks, in this order, into the store. */
export async function stockPack(
  db: Database,
  pack: { name: string; dj?: 'nova' | 'vega'; title?: string; tracks: readonly string[]; isFanOnly?: boolean },
  clock: HandClock,
): Promise<void> {
  await asCaller(
    db,
    SERVICE,
    async (tx) => {
      await tx
        .insertInto('album_packs')
        .values({
          id: idOf(pack.name),
          dj_id: PEOPLE[pack.dj ?? 'nova'],
          title: pack.title ?? pack.name,
          price_minor: 14900,
          is_fan_only: pack.isFanOnly ?? false,
          status: 'published',
          published_at: new Date(clock.now() - 1000),
          expected_at: new Date(clock.now()),
        })
        .execute()
      await tx
        .insertInto('album_pack_tracks')
        .values(
          pack.tracks.map((track, position) => ({ album_pack_id: idOf(pack.name), track_id: idOf(track), position })),
        )
        .execute()
      await addFile(tx, 'album', pack.name, 'zip')
    },
    { clock },
  )
}

export async function stockFanUpload(db: Database, name: string, dj: 'nova' | 'vega', clock: HandClock): Promise<void> {
  await asCaller(
    db,
    SERVICE,
    async (tx) => {
      await tx
        .insertInto('fan_uploads')
        .values({
          id: idOf(name),
          dj_id: PEOPLE[dj],
          title: name,
          status: 'published',
          published_at: new Date(clock.now()),
          expected_at: new Date(clock.now()),
        })
        .execute()
      await addFile(tx, 'fan', name, 'mp3')
    },
    { clock },
  )
}

/** Gives an account a DJ's plan that began now and ends after `days`. Returns the subscription's id and its usage row's. */
export async function subscribe(
  db: Database,
  plan: {
    who: PersonName
    dj: 'nova' | 'vega'
    plan?: 'basic' | 'pro' | 'super'
    days?: number
    tracks?: number
    zips?: number
    fanUploads?: number
  },
  clock: HandClock,
): Promise<{ subscriptionId: string; usageId: string }> {
  return asCaller(
    db,
    SERVICE,
    async (tx) => {
      const ends = new Date(clock.now() + (plan.days ?? 30) * 86_400_000)
      const { id: subscriptionId } = await tx
        .insertInto('dj_subscriptions')
        .values({
          user_id: PEOPLE[plan.who],
          dj_id: PEOPLE[plan.dj],
          plan: plan.plan ?? 'basic',
          started_at: new Date(clock.now()),
          expires_at: ends.toISOString().slice(0, 10),
          tracks_quota: plan.tracks ?? 10,
          zip_quota: plan.zips ?? 1,
          fan_uploads_quota: plan.fanUploads ?? 0,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      const { id: usageId } = await tx
        .insertInto('subscription_usage')
        .values({ subscription_id: subscriptionId, period_start: new Date(clock.now()), reset_at: ends })
        .returning('id')
        .executeTakeFirstOrThrow()
      return { subscriptionId, usageId }
    },
    { clock },
  )
}

/** Records a download attempt by plan, as delivery does after `takeQuota`. Returns its id. */
export async function attemptByPlan(
  tx: ServerTransaction,
  facts: {
    who: PersonName
    name: string
    contentType?: 'track' | 'album' | 'fan'
    subscriptionId: string
    usageId: string
    now: number
  },
): Promise<string> {
  const contentType = facts.contentType ?? 'track'
  const device = await tx
    .insertInto('devices')
    .values({
      user_id: PEOPLE[facts.who],
      jkt: createHash('sha256').update(`${facts.who} ${facts.name} ${Math.random()}`).digest('base64url'),
      public_key: JSON.stringify({ kty: 'EC' }),
      name: 'Test',
      platform: 'linux',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const attempt = await tx
    .insertInto('download_attempts')
    .values({
      user_id: PEOPLE[facts.who],
      device_id: device.id,
      content_type: contentType,
      content_id: idOf(facts.name),
      format: contentType === 'album' ? 'zip' : 'mp3',
      object_sha256: sha256Of(`object ${facts.name}`),
      size_bytes: 5_000_000,
      access_source: 'subscription',
      access_id: facts.subscriptionId,
      subscription_usage_id: facts.usageId,
      closes_at: new Date(facts.now + 72 * 3_600_000),
      byte_budget: 100_000_000,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return attempt.id
}

/** Runs a handler as a signed-in person, or as a visitor, in a transaction like the server's. */
export function callAs<T>(
  db: Database,
  who: PersonName | null,
  clock: HandClock,
  call: (context: Needs<'tx' | 'caller' | 'clock'>) => Promise<T>,
): Promise<T> {
  return asCaller(
    db,
    who === null ? { role: 'anon' } : as(who),
    (tx) => call({ tx, caller: factsOf(who, clock), clock }),
    {
      clock,
    },
  )
}

function factsOf(who: PersonName | null, clock: HandClock): CallerFacts {
  const nobody = { device: null, key: null, address: '127.0.0.1' }
  if (who === null) return { userId: null, sessionId: null, signedInAt: null, ...nobody }
  return { userId: PEOPLE[who], sessionId: idOf(`session of ${who}`), signedInAt: clock.now(), ...nobody }
}
