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

/** Account, session and device in one statement; undefined when there is no such account. */
export async function findCaller(
  tx: PrivilegedTransaction,
  { userId, sessionId, thumbprint }: { userId: string; sessionId: string; thumbprint: string | null },
): Promise<CallerRow | undefined> {
  const { rows } = await sql<CallerRow>`
    select p.status, app.session_begun_at(${sessionId}, p.id) as "sessionBegunAt",
      exists (select from devices r where r.user_id = p.id and r.session_id = ${sessionId} and r.revoked_at is not null)
        as "isSessionsDeviceRevoked",
      d.id as "deviceId", d.user_id as "deviceUserId", d.kind as "deviceKind", d.session_id as "deviceSessionId",
      d.revoked_at as "deviceRevokedAt", d.last_seen_at as "deviceLastSeenAt"
    from profiles p left join devices d on d.jkt = ${thumbprint}
    where p.id = ${userId}`.execute(tx)
  return rows[0]
}

/** Whether the proof is new; a proof that was seen before changes nothing. `jtiHash` is SHA-256 in hex. */
export async function recordProof(
  tx: PrivilegedTransaction,
  { thumbprint, jtiHash, expiresAt }: { thumbprint: string; jtiHash: string; expiresAt: Date },
): Promise<boolean> {
  const row = await tx
    .insertInto('dpop_jti')
    .values({ jkt: thumbprint, jti_hash: jtiHash, expires_at: expiresAt })
    .onConflict((conflict) => conflict.columns(['jkt', 'jti_hash']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
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
