import { sql } from 'kysely'
import type { PrivilegedTransaction } from '../db/transaction.ts'

/** What a statement counts in a bucket. */
export interface Hit {
  readonly bucket: string
  readonly windowStart: Date
  readonly count: number
  /** Hits that the window allows. */
  readonly most: number
}

/** Counts hits while no more than `most` are counted then; false: the window is full. One statement, so parallel hits never pass the limit. */
export async function addHit(tx: PrivilegedTransaction, { bucket, windowStart, count, most }: Hit): Promise<boolean> {
  const { rows } = await sql`
    insert into rate_limits (bucket, window_start, hits) values (${bucket}, ${windowStart}, ${count})
    on conflict (bucket, window_start) do update set hits = rate_limits.hits + ${count} where rate_limits.hits + ${count} <= ${most}
    returning hits`.execute(tx)
  return rows.length > 0
}

/** Counts in each of several windows; answers the buckets that were not full. One statement. */
export async function addHits(tx: PrivilegedTransaction, hits: readonly Hit[]): Promise<ReadonlySet<string>> {
  const buckets = hits.map(({ bucket }) => bucket)
  const windows = hits.map(({ windowStart }) => windowStart.toISOString())
  const counts = hits.map(({ count }) => count)
  const mosts = hits.map(({ most }) => most)
  // The limits are found again by bucket and window: what conflicts does not carry them.
  const { rows } = await sql<{ bucket: string }>`
    with asked as (
      select * from unnest(${buckets}::text[], ${windows}::timestamptz[], ${counts}::int[], ${mosts}::int[])
        as a (bucket, window_start, count, most)
    )
    insert into rate_limits as r (bucket, window_start, hits) select bucket, window_start, count from asked order by bucket
    on conflict (bucket, window_start) do update set hits = r.hits + excluded.hits
      where r.hits + excluded.hits <= (select a.most from asked a where a.bucket = r.bucket and a.window_start = r.window_start)
    returning bucket`.execute(tx)
  return new Set(rows.map(({ bucket }) => bucket))
}

/** Takes hits (one) back out of the window. */
export async function removeHit(
  tx: PrivilegedTransaction,
  { bucket, windowStart, count = 1 }: { bucket: string; windowStart: Date; count?: number },
): Promise<void> {
  await sql`update rate_limits set hits = hits - ${count}
    where bucket = ${bucket} and window_start = ${windowStart} and hits >= ${count}`.execute(tx)
}

/** Deletes the windows that began before `before`. */
export async function deleteWindows(tx: PrivilegedTransaction, before: Date): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('rate_limits').where('window_start', '<', before).executeTakeFirst()
  return Number(numDeletedRows)
}
