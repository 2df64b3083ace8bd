import { sql } from 'kysely'
import type { PrivilegedTransaction } from '../db/transaction.ts'

/** Counts `count` more hits (one) while no more than `most` are counted then; false: the window is full. One statement, so parallel hits never pass the limit. */
export async function addHit(
  tx: PrivilegedTransaction,
  { bucket, windowStart, most, count = 1 }: { bucket: string; windowStart: Date; most: number; count?: number },
): Promise<boolean> {
  const { rows } = await sql`
    insert into rate_limits (bucket, window_start, hits) values (${bucket}, ${windowStart}, ${count})
    on conflict (bucket, window_start) do update set hits = rate_limits.hits + ${count} where rate_limits.hits + ${count} <= ${most}
    returning hits`.execute(tx)
  return rows.length > 0
}

/** Takes one hit back out of the window. */
export async function removeHit(
  tx: PrivilegedTransaction,
  { bucket, windowStart }: { bucket: string; windowStart: Date },
): Promise<void> {
  await sql`update rate_limits set hits = hits - 1
    where bucket = ${bucket} and window_start = ${windowStart} and hits > 0`.execute(tx)
}

/** Deletes the windows that began before `before`. */
export async function deleteWindows(tx: PrivilegedTransaction, before: Date): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('rate_limits').where('window_start', '<', before).executeTakeFirst()
  return Number(numDeletedRows)
}
