import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { fromCursor, type PageEnd, toCursor } from './page-cursor.ts'

/** One order of a list. Items whose file is still being made come after all others; the id settles what is equal. */
export interface PageOrder {
  readonly sort: string
  readonly key: RawBuilder<unknown>
  readonly type: 'text' | 'numeric' | 'timestamptz'
  readonly isDescending: boolean
}

/** The columns that every page's query selects beside its own. */
export interface OrderedRow {
  readonly id: string
  readonly late: number
  readonly sort_key: string
}

const FORMATS = {
  text: /^/,
  numeric: /^-?\d{1,15}(\.\d{1,8})?$/,
  timestamptz: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/,
} as const

const LATE = sql<number>`case when c.is_ready then 0 else 1 end`

export function orderColumns({ key }: PageOrder): RawBuilder<unknown> {
  return sql`${LATE} as late, (${key})::text as sort_key`
}

export function orderBy({ key, isDescending }: PageOrder): RawBuilder<unknown> {
  return sql`order by ${LATE}, ${key} ${sql.raw(isDescending ? 'desc' : 'asc')}, c.id`
}

/** True for what comes after the cursor; without one for everything. Throws `invalid-input`. */
export function after({ sort, key, type, isDescending }: PageOrder, cursor: string | undefined): RawBuilder<SqlBool> {
  if (cursor === undefined) return sql<SqlBool>`true`
  const end: PageEnd = fromCursor(cursor, sort, FORMATS[type])
  const endKey = sql`${end.key}::${sql.raw(type)}${sql.raw(type === 'text' ? ' collate "C"' : '')}`
  const beyond = sql.raw(isDescending ? '<' : '>')
  return sql<SqlBool>`(${LATE} > ${end.late} or (${LATE} = ${end.late}
    and (${key} ${beyond} ${endKey} or (${key} = ${endKey} and c.id > ${end.id}::uuid))))`
}

/** Cuts the one row too many that tells whether there is a next page. */
export function cutPage<R extends OrderedRow>(
  rows: readonly R[],
  limit: number,
  { sort }: PageOrder,
): { rows: readonly R[]; nextCursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  if (rows.length <= limit || last === undefined) return { rows: page, nextCursor: null }
  return { rows: page, nextCursor: toCursor({ sort, late: last.late === 0 ? 0 : 1, key: last.sort_key, id: last.id }) }
}
