import { type SqlBool, sql } from 'kysely'
import type { ServerTransaction } from '../../db/transaction.ts'
import type { DjColumns } from './dj-rows.ts'
import { after, type OrderedRow, orderBy, orderColumns, type PageOrder } from './page-order-rows.ts'
import { matches, type Search } from './search-rows.ts'

export interface PackRow extends DjColumns {
  readonly id: string
  readonly title: string
  readonly price_minor: string
  readonly currency: string
  readonly file_size_bytes: string | null
  readonly is_fan_only: boolean
  readonly cover_url: string | null
  readonly is_ready: boolean
  readonly is_in_store: boolean
  readonly track_count: number
  readonly seconds: number
}

const COLUMNS = sql`c.id, c.title, c.dj_id, d.dj_name, d.slug as dj_slug, d.portrait_url as dj_portrait, c.price_minor, c.currency,
  c.file_size_bytes, c.is_fan_only, c.cover_url, c.is_ready, (c.status = 'published' and d.status = 'approved') as is_in_store,
  n.track_count, coalesce(c.duration_seconds, n.seconds) as seconds`
const SOURCE = sql`album_packs c join dj_profiles d on d.user_id = c.dj_id
  join lateral (select count(*)::int as track_count, coalesce(sum(t.duration_seconds), 0)::int as seconds
    from album_pack_tracks i join tracks t on t.id = i.track_id where i.album_pack_id = c.id) n on true`
const IN_STORE = sql<SqlBool>`c.status = 'published' and d.status = 'approved'`

/** One row more than `limit`, so that the caller sees whether there is a next page. */
export async function selectPackPage(
  tx: ServerTransaction,
  { search, djId, trackId }: { search?: Search | null; djId?: string; trackId?: string },
  order: PageOrder,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<(PackRow & OrderedRow)[]> {
  const { rows } = await sql<PackRow & OrderedRow>`
    select ${COLUMNS}, ${orderColumns(order)} from ${SOURCE}
    where ${IN_STORE} and ${search ? matches(search) : sql<SqlBool>`true`}
      and ${djId === undefined ? sql`true` : sql`c.dj_id = ${djId}`}
      and ${trackId === undefined ? sql`true` : sql`exists (select from album_pack_tracks i where i.album_pack_id = c.id and i.track_id = ${trackId})`}
      and ${after(order, cursor)} ${orderBy(order)} limit ${limit + 1}`.execute(tx)
  return rows
}

/** Packs in any state, in the order of `ids`; what the transaction's role may not see is left out. */
export async function selectPacks(tx: ServerTransaction, ids: readonly string[]): Promise<PackRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<PackRow>`select ${COLUMNS} from ${SOURCE} where c.id = any(${[...ids]}::uuid[])`.execute(
    tx,
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** The long text of a pack that the transaction's role may see, or undefined. */
export async function selectPackTexts(
  tx: ServerTransaction,
  packId: string,
): Promise<{ description: string | null } | undefined> {
  return tx.selectFrom('album_packs').select('description').where('id', '=', packId).executeTakeFirst()
}

/** The tracks of packs, in order: rows of pack and track ids. */
export async function selectPackTracks(
  tx: ServerTransaction,
  packIds: readonly string[],
): Promise<{ album_pack_id: string; track_id: string }[]> {
  if (packIds.length === 0) return []
  return tx
    .selectFrom('album_pack_tracks')
    .select(['album_pack_id', 'track_id'])
    .where('album_pack_id', 'in', [...packIds])
    .orderBy('album_pack_id')
    .orderBy('position')
    .execute()
}
