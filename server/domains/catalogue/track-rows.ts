import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type { TrackFilter } from '../../../contract/catalogue.ts'
import type { AudioFormat, CamelotKey } from '../../../contract/values.ts'
import type { ServerTransaction } from '../../db/transaction.ts'
import type { DjColumns } from './dj-rows.ts'
import { after, type OrderedRow, orderBy, orderColumns, type PageOrder } from './page-order-rows.ts'
import { harmonicKeys } from './rules.ts'
import { matches, type Search } from './search-rows.ts'

export interface TrackRow extends DjColumns {
  readonly id: string
  readonly title: string
  readonly artist_name: string | null
  readonly genre_slug: string | null
  readonly genre_name: string | null
  readonly bpm: string | null
  readonly musical_key: CamelotKey | null
  readonly duration_seconds: number | null
  readonly price_minor: string
  readonly currency: string
  readonly audio_format: AudioFormat | null
  readonly file_size_bytes: string | null
  readonly is_fan_only: boolean
  readonly cover_url: string | null
  readonly preview_key: string | null
  readonly peaks_key: string | null
  readonly published_at: Date | null
  readonly expected_at: Date | null
  readonly is_ready: boolean
  readonly is_in_store: boolean
}

export type TrackConditions = z.output<typeof TrackFilter> & { search: Search | null; userId: string | null }

const COLUMNS = sql`c.id, c.title, c.artist_name, c.dj_id, d.dj_name, d.slug as dj_slug, d.portrait_url as dj_portrait,
  g.slug as genre_slug, g.name as genre_name, c.bpm, c.musical_key, c.duration_seconds, c.price_minor, c.currency,
  c.audio_format, c.file_size_bytes, c.is_fan_only, c.cover_url, c.preview_key, c.peaks_key, c.published_at,
  c.expected_at, c.is_ready, (c.status = 'published' and d.status = 'approved') as is_in_store`
const SOURCE = sql`tracks c join dj_profiles d on d.user_id = c.dj_id left join genres g on g.id = c.genre_id`
const IN_STORE = sql<SqlBool>`c.status = 'published' and d.status = 'approved'`

/** One row more than `limit`, so that the caller sees whether there is a next page. */
export async function selectTrackPage(
  tx: ServerTransaction,
  conditions: TrackConditions,
  order: PageOrder,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<(TrackRow & OrderedRow)[]> {
  const { rows } = await sql<TrackRow & OrderedRow>`
    select ${COLUMNS}, ${orderColumns(order)} from ${SOURCE}
    where ${IN_STORE} and ${all(conditions)} and ${after(order, cursor)} ${orderBy(order)} limit ${limit + 1}`.execute(
    tx,
  )
  return rows
}

export async function countTracks(tx: ServerTransaction, conditions: TrackConditions): Promise<number> {
  const { rows } = await sql<{ total: number }>`
    select count(*)::int as total from ${SOURCE} where ${IN_STORE} and ${all(conditions)}`.execute(tx)
  return rows[0]?.total ?? 0
}

/** Tracks in any state, in the order of `ids`; what the transaction's role may not see is left out. */
export async function selectTracks(tx: ServerTransaction, ids: readonly string[]): Promise<TrackRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<TrackRow>`
    select ${COLUMNS} from ${SOURCE} where c.id = any(${[...ids]}::uuid[])`.execute(tx)
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

export interface TrackTexts {
  readonly description: string | null
  readonly attempt_limit: number
  readonly dj_id: string
}

/** The long texts of a track that the transaction's role may see, or undefined. */
export async function selectTrackTexts(tx: ServerTransaction, trackId: string): Promise<TrackTexts | undefined> {
  return tx
    .selectFrom('tracks')
    .select(['description', 'attempt_limit', 'dj_id'])
    .where('id', '=', trackId)
    .executeTakeFirst()
}

/** Tracks in the store that most accounts bought, best first; purchases of others are visible to the server alone. */
export async function selectChart(tx: ServerTransaction, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from ${SOURCE} left join purchases p on p.content_type = 'track' and p.content_id = c.id and p.revoked_at is null
    where ${IN_STORE} and not c.is_fan_only
    group by c.id, c.is_ready, c.published_at
    order by c.is_ready desc, count(p.id) desc, c.published_at desc, c.id limit ${limit}`.execute(tx)
  return rows.map(({ id }) => id)
}

export async function countReady(tx: ServerTransaction): Promise<{ readyTracks: number; totalTracks: number }> {
  const { rows } = await sql<{ readyTracks: number; totalTracks: number }>`
    select count(*) filter (where c.is_ready)::int as "readyTracks", count(*)::int as "totalTracks"
    from ${SOURCE} where ${IN_STORE}`.execute(tx)
  return rows[0] ?? { readyTracks: 0, totalTracks: 0 }
}

function all(filter: TrackConditions): RawBuilder<SqlBool> {
  const conditions: RawBuilder<SqlBool>[] = [sql<SqlBool>`true`]
  const add = <T>(value: T | null | undefined, condition: (value: T) => RawBuilder<SqlBool>): void => {
    if (value !== undefined && value !== null) conditions.push(condition(value))
  }
  add(filter.search, matches)
  add(filter.genre, (genre) => sql`g.slug = ${genre}`)
  add(filter.djSlug, (slug) => sql`d.slug = ${slug}`)
  add(filter.bpmMin, (bpm) => sql`c.bpm >= ${bpm}`)
  add(filter.bpmMax, (bpm) => sql`c.bpm <= ${bpm}`)
  add(filter.key, (key) => {
    const keys = filter.withHarmonicKeys === true ? harmonicKeys(key) : [key]
    return sql`c.musical_key in (${sql.join(keys)})`
  })
  add(filter.priceMinMinor, (minor) => sql`c.price_minor >= ${minor}`)
  add(filter.priceMaxMinor, (minor) => sql`c.price_minor <= ${minor}`)
  add(filter.owned, (owned) => ownedIs(owned, filter.userId))
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

function ownedIs(owned: boolean, userId: string | null): RawBuilder<SqlBool> {
  if (userId === null) return sql<SqlBool>`${!owned}::boolean`
  const isOwned = sql<SqlBool>`exists (select from purchases p where p.user_id = ${userId} and p.content_type = 'track'
    and p.content_id = c.id and p.revoked_at is null)`
  return owned ? isOwned : sql<SqlBool>`not ${isOwned}`
}
