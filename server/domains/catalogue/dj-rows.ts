import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { ServerTransaction } from '../../db/transaction.ts'
import { after, type OrderedRow, orderBy, orderColumns, type PageOrder } from './page-order-rows.ts'

/** The DJ's columns in the rows of what is theirs. */
export interface DjColumns {
  readonly dj_id: string
  readonly dj_name: string
  readonly dj_slug: string
  readonly dj_portrait: string | null
}

export interface DjRow extends DjColumns {
  readonly id: string
  readonly bio: string | null
  readonly track_count: number
}

const TRACK_COUNT = sql<number>`(select count(*)::int from tracks t where t.dj_id = d.user_id and t.status = 'published')`
const COLUMNS = sql`d.user_id as id, d.user_id as dj_id, d.dj_name, d.slug as dj_slug, d.portrait_url as dj_portrait, d.bio, ${TRACK_COUNT} as track_count`

export const BY_NAME: PageOrder = {
  sort: 'name',
  key: sql`app.search_form(c.dj_name) collate "C"`,
  type: 'text',
  isDescending: false,
}

/** One row more than `limit`, so that the caller sees whether there is a next page. */
export async function selectDjPage(
  tx: ServerTransaction,
  query: string | undefined,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<(DjRow & OrderedRow)[]> {
  const { rows } = await sql<DjRow & OrderedRow>`
    select c.*, ${orderColumns(BY_NAME)} from (
      select ${COLUMNS}, true as is_ready from dj_profiles d where d.status = 'approved' and ${named(query)}) c
    where ${after(BY_NAME, cursor)} ${orderBy(BY_NAME)} limit ${limit + 1}`.execute(tx)
  return rows
}

export async function selectDj(tx: ServerTransaction, slug: string): Promise<DjRow | undefined> {
  const { rows } = await sql<DjRow>`
    select ${COLUMNS} from dj_profiles d where d.status = 'approved' and d.slug = ${slug}`.execute(tx)
  return rows[0]
}

export async function selectPlans(tx: ServerTransaction, djId: string) {
  return tx
    .selectFrom('dj_plans')
    .select(['plan', 'price_minor', 'currency', 'period_days', 'tracks_quota', 'zip_quota', 'fan_uploads_quota'])
    .where('dj_id', '=', djId)
    .where('is_active', '=', true)
    .orderBy('price_minor')
    .execute()
}

function named(query: string | undefined): RawBuilder<SqlBool> {
  if (query === undefined || query === '') return sql<SqlBool>`true`
  return sql<SqlBool>`(position(app.search_form(${query}) in app.search_form(d.dj_name)) > 0
    or extensions.word_similarity(app.search_form(${query}), app.search_form(d.dj_name)) >= 0.3)`
}
