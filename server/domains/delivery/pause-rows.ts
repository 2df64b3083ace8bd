import { sql } from 'kysely'
import type { PrivilegedTransaction } from '../../db/transaction.ts'

const PAUSE = (deviceId: string): string => `redeem-pause:${deviceId}`

/** Lets a device redeem nothing until a moment, in every server process. */
export async function insertPause(tx: PrivilegedTransaction, deviceId: string, until: Date): Promise<void> {
  await sql`insert into rate_limits (bucket, window_start, hits) values (${PAUSE(deviceId)}, ${until}, 1)
    on conflict (bucket, window_start) do nothing`.execute(tx)
}

/** Until when the device is paused; null when it is not at `now`. */
export async function selectPause(tx: PrivilegedTransaction, deviceId: string, now: Date): Promise<Date | null> {
  const { rows } = await sql<{ until: Date }>`select window_start as until from rate_limits
    where bucket = ${PAUSE(deviceId)} and window_start > ${now} order by window_start desc limit 1`.execute(tx)
  return rows[0]?.until ?? null
}
