import { sql } from 'kysely'
import type { ServerTransaction } from '../db/transaction.ts'

export interface StoredAnswer {
  readonly fingerprint: string
  /** Null while the first request is still being worked on. */
  readonly status: number | null
  readonly response: unknown
}

export interface IdempotencyKey {
  readonly userId: string
  /** The call's `<domain>.<call>` name. */
  readonly route: string
  readonly key: string
}

/** Claims a key; null when it is claimed now, else what an earlier request left. A claim whose lease is over is taken over. */
export async function claimKey(
  tx: ServerTransaction,
  { userId, route, key }: IdempotencyKey,
  claim: { fingerprint: string; owner: string; now: Date; leaseUntil: Date; expiresAt: Date },
): Promise<StoredAnswer | null> {
  const { fingerprint, owner, now, leaseUntil, expiresAt } = claim
  const { rows } = await sql`
    insert into idempotency_keys (user_id, route, key, fingerprint, lease_until, lease_owner, expires_at)
    values (${userId}, ${route}, ${key}, ${fingerprint}, ${leaseUntil}, ${owner}, ${expiresAt})
    on conflict (user_id, route, key) do update set lease_until = excluded.lease_until, lease_owner = excluded.lease_owner
      where idempotency_keys.state = 'in_progress' and idempotency_keys.lease_until < ${now}
        and idempotency_keys.fingerprint = excluded.fingerprint
    returning key`.execute(tx)
  if (rows.length > 0) return null
  return tx
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'status', 'response'])
    .where('user_id', '=', userId)
    .where('route', '=', route)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
}

/** Keeps the final answer of a claimed key. */
export async function keepAnswer(
  tx: ServerTransaction,
  { userId, route, key }: IdempotencyKey,
  status: number,
  response: unknown,
): Promise<void> {
  await tx
    .updateTable('idempotency_keys')
    .set({ state: 'done', status, response: JSON.stringify(response), lease_until: null, lease_owner: null })
    .where('user_id', '=', userId)
    .where('route', '=', route)
    .where('key', '=', key)
    .execute()
}

/** Frees a claimed key whose request failed in a way that may pass later. */
export async function releaseKey(tx: ServerTransaction, { userId, route, key }: IdempotencyKey): Promise<void> {
  await tx
    .deleteFrom('idempotency_keys')
    .where('user_id', '=', userId)
    .where('route', '=', route)
    .where('key', '=', key)
    .where('state', '=', 'in_progress')
    .execute()
}

/** Forgets the keys whose time is over; the answer is how many. */
export async function forgetExpiredKeys(tx: ServerTransaction, now: Date): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('idempotency_keys').where('expires_at', '<', now).executeTakeFirst()
  return Number(numDeletedRows)
}
