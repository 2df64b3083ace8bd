import { type RawBuilder, sql } from 'kysely'
import type { PrivilegedTransaction } from '../db/transaction.ts'
import type { Hit } from '../rate-limits/rows.ts'

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
}

const CALLER_COLUMNS = (sessionId: string) => sql`
  p.status, app.session_begun_at(${sessionId}, p.id) as "sessionBegunAt",
  exists (select from devices r where r.user_id = p.id and r.session_id = ${sessionId} and r.revoked_at is not null)
    as "isSessionsDeviceRevoked",
  d.id as "deviceId", d.user_id as "deviceUserId", d.kind as "deviceKind", d.session_id as "deviceSessionId",
  d.revoked_at as "deviceRevokedAt"`

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
  /** The place among the hits of the window that was full; 0: none. */
  readonly fullBucket: number
  /** The proof was not seen before. */
  readonly isNew: boolean
  readonly row: CallerRow | undefined
}

interface AdmissionRow extends CallerRow {
  readonly fullBucket: number
  readonly isNew: boolean
  readonly isKnown: boolean
}

/**
 * Counts the network, records the proof, finds account, session and device, notes that a device in steady use is used, and counts the other
 * hits of a caller who is admitted, all at once. The first hit is the network's.
 */
export function admission(
  prefix: RawBuilder<unknown>,
  { userId, sessionId }: { userId: string; sessionId: string },
  proof: { thumbprint: string; jtiHash: string; expiresAt: Date; address: string; noteEveryMs: number },
  hits: readonly (Hit | null)[],
): RawBuilder<AdmissionRow> {
  const { thumbprint, jtiHash, expiresAt, address, noteEveryMs } = proof
  const buckets = hits.map((hit) => hit?.bucket ?? null)
  const windows = hits.map((hit) => hit?.windowStart.toISOString() ?? null)
  const counts = hits.map((hit) => hit?.count ?? 0)
  const mosts = hits.map((hit) => hit?.most ?? 0)
  return sql<AdmissionRow>`${prefix} select is_new as "isNew", full_bucket as "fullBucket", is_known as "isKnown", status,
      session_begun_at as "sessionBegunAt", is_sessions_device_revoked as "isSessionsDeviceRevoked", device_id as "deviceId",
      device_user_id as "deviceUserId", device_kind as "deviceKind", device_session_id as "deviceSessionId",
      device_revoked_at as "deviceRevokedAt"
    from app.admit(${userId}, ${sessionId}, ${thumbprint}, ${jtiHash}, ${expiresAt}, ${address}, make_interval(secs => ${noteEveryMs / 1000}),
      ${buckets}::text[], ${windows}::timestamptz[], ${counts}::int[], ${mosts}::int[])`
}

export function toAdmission([row]: readonly AdmissionRow[]): Admission {
  if (row === undefined) throw new Error('A caller could not be looked for')
  const { fullBucket, isNew, isKnown } = row
  return { fullBucket, isNew, row: isKnown ? row : undefined }
}
