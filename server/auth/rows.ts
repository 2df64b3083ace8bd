import { sql } from 'kysely'
import type { PrivilegedTransaction } from '../db/transaction.ts'

/** What the database knows of whoever brings a session and, where one is needed, a key. */
export interface CallerRow {
  readonly status: string
  /** Null when the session has ended. */
  readonly sessionBegunAt: Date | null
  /** The session was that of a device which has been removed. */
  readonly isSessionsDeviceRevoked: boolean
  readonly deviceId: string | null
  readonly deviceUserId: string | null
  readonly deviceKind: string | null
  readonly deviceSessionId: string | null
  readonly deviceRevokedAt: Date | null
  readonly deviceLastSeenAt: Date | null
}

const CALLER_COLUMNS = (sessionId: string) => sql`
  p.status, app.session_begun_at(${sessionId}, p.id) as "sessionBegunAt",
  exists (select from devices r where r.user_id = p.id and r.session_id = ${sessionId} and r.revoked_at is not null)
    as "isSessionsDeviceRevoked",
  d.id as "deviceId", d.user_id as "deviceUserId", d.kind as "deviceKind", d.session_id as "deviceSessionId",
  d.revoked_at as "deviceRevokedAt", d.last_seen_at as "deviceLastSeenAt"`

/** Account, session and device in one statement; undefined when there is no such account. */
export async function findCaller(
  tx: PrivilegedTransaction,
  { userId, sessionId, thumbprint }: { userId: string; sessionId: string; thumbprint: string | null },
): Promise<CallerRow | undefined> {
  const { rows } = await sql<CallerRow>`
    select ${CALLER_COLUMNS(sessionId)}
    from profiles p left join devices d on d.jkt = ${thumbprint}
    where p.id = ${userId}`.execute(tx)
  return rows[0]
}

/** What one statement finds out about the caller of a device: see `findCaller`. */
export interface Admission {
  /** The window of its address was not full. */
  readonly isWithin: boolean
  /** The proof was not seen before. */
  readonly isNew: boolean
  readonly row: CallerRow | undefined
}

/** Counts the address, records the proof and finds account, session and device, all at once. */
export async function admit(
  tx: PrivilegedTransaction,
  { userId, sessionId }: { userId: string; sessionId: string },
  proof: { thumbprint: string; jtiHash: string; expiresAt: Date },
  hit: { bucket: string; windowStart: Date; most: number } | null,
): Promise<Admission> {
  const counted =
    hit === null
      ? sql`select 1`
      : sql`insert into rate_limits as r (bucket, window_start, hits) values (${hit.bucket}, ${hit.windowStart}, 1)
        on conflict (bucket, window_start) do update set hits = r.hits + 1 where r.hits < ${hit.most}
        returning 1`
  const { rows } = await sql<CallerRow & { isWithin: boolean; isNew: boolean; isKnown: boolean }>`
    with counted as (${counted}), fresh as (
      insert into dpop_jti (jkt, jti_hash, expires_at) values (${proof.thumbprint}, ${proof.jtiHash}, ${proof.expiresAt})
      on conflict (jkt, jti_hash) do nothing returning 1
    )
    select exists (select from counted) as "isWithin", exists (select from fresh) as "isNew", p.id is not null as "isKnown",
      ${CALLER_COLUMNS(sessionId)}
    from (values (1)) as one (row)
      left join profiles p on p.id = ${userId} left join devices d on d.jkt = ${proof.thumbprint}`.execute(tx)
  const [row] = rows
  if (row === undefined) throw new Error('A caller could not be looked for')
  const { isWithin, isNew, isKnown } = row
  return { isWithin, isNew, row: isKnown ? row : undefined }
}

/** Notes that the device is in use, from where, and in which session. */
export async function noteDeviceUse(
  tx: PrivilegedTransaction,
  deviceId: string,
  { sessionId, address, now }: { sessionId: string; address: string; now: Date },
): Promise<void> {
  await tx
    .updateTable('devices')
    .set({ session_id: sessionId, last_ip: address, last_seen_at: now })
    .where('id', '=', deviceId)
    .where('revoked_at', 'is', null)
    .execute()
}
