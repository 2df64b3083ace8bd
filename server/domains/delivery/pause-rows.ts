import { type RawBuilder, sql } from 'kysely'
import type { PrivilegedTransaction } from '../../db/transaction.ts'

const PAUSE = 'redeem-pause:'

/** Lets a device redeem nothing until a moment, in every server process. */
export async function insertPause(tx: PrivilegedTransaction, deviceId: string, until: Date): Promise<void> {
  await sql`insert into rate_limits (bucket, window_start, hits) values (${PAUSE + deviceId}, ${until}, 1)
    on conflict (bucket, window_start) do nothing`.execute(tx)
}

/** Until when the device of a key is paused; null when it is not at `now`. */
export function pauseOf(thumbprint: string, now: Date): RawBuilder<Date | null> {
  return sql`(select max(r.window_start) from devices d join rate_limits r on r.bucket = ${PAUSE}::text || d.id
    where d.jkt = ${thumbprint} and r.window_start > ${now})`
}
