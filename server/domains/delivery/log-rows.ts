import { sql } from 'kysely'
import type { PrivilegedTransaction } from '../../db/transaction.ts'

export interface DownloadEvent {
  readonly event:
    | 'init'
    | 'used'
    | 'refused'
    | 'resume'
    | 'rebind'
    | 'completed'
    | 'interrupted'
    | 'cancelled'
    | 'settled'
    | 'reset'
  readonly userId: string | null
  readonly deviceId?: string | null
  readonly attemptId?: string | null
  readonly tokenId?: string | null
  readonly reason?: string
  readonly address?: string
  readonly rangeFrom?: number
  readonly bytes?: number
}

/** Writes one line of the download log, for good. */
export async function insertLog(tx: PrivilegedTransaction, entry: DownloadEvent): Promise<void> {
  await tx
    .insertInto('download_logs')
    .values({
      event: entry.event,
      user_id: entry.userId,
      device_id: entry.deviceId ?? null,
      attempt_id: entry.attemptId ?? null,
      token_id: entry.tokenId ?? null,
      reason: entry.reason ?? null,
      ip_address: entry.address ?? null,
      range_from: entry.rangeFrom ?? null,
      bytes: entry.bytes ?? null,
    })
    .execute()
}

/** The network an address counts as, and its family. */
export async function selectNetwork(
  tx: PrivilegedTransaction,
  address: string,
): Promise<{ home: string; family: 4 | 6 }> {
  const { rows } = await sql<{ home: string; family: 4 | 6 }>`
    select n::text as home, family(n) as family from app.network_of(${address}::inet) as n`.execute(tx)
  const [row] = rows
  if (row === undefined) throw new Error('network_of answered no row')
  return row
}

/** From how many networks a device was seen in the last `ms`. */
export async function countNetworks(
  tx: PrivilegedTransaction,
  { userId, deviceId }: { userId: string; deviceId: string },
  ms: number,
): Promise<number> {
  const { rows } = await sql<{ networks: string }>`
    select count(distinct app.network_of(ip_address)) as networks from download_logs
    where user_id = ${userId} and device_id = ${deviceId} and created_at > app.now() - make_interval(secs => ${ms / 1000})
      and event in ('init', 'resume', 'rebind', 'used')`.execute(tx)
  return Number(rows[0]?.networks ?? 0)
}

const REBINDS = (userId: string): string => `rebinds:${userId}`
const REBIND_DAY = sql`(app.today()::timestamp at time zone 'UTC')`

/** Rebinds of an account on this UTC day. */
export async function selectRebindsToday(tx: PrivilegedTransaction, userId: string): Promise<number> {
  const { rows } = await sql<{ hits: number }>`
    select hits from rate_limits where bucket = ${REBINDS(userId)} and window_start = ${REBIND_DAY}`.execute(tx)
  return rows[0]?.hits ?? 0
}

/** Counts one rebind of this day, from the beginning after a reset. False: there were `most` already. */
export async function countRebind(
  tx: PrivilegedTransaction,
  userId: string,
  { isReset, most }: { isReset: boolean; most: number },
): Promise<boolean> {
  const { rows } =
    await sql`insert into rate_limits as r (bucket, window_start, hits) values (${REBINDS(userId)}, ${REBIND_DAY}, 1)
    on conflict (bucket, window_start) do update set hits = case when ${isReset} then 1 else r.hits + 1 end
      where ${isReset} or r.hits < ${most}
    returning hits`.execute(tx)
  return rows.length > 0
}
