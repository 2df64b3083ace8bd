import { sql } from 'kysely'
import type { ServerTransaction } from '../db/transaction.ts'

export interface StoredAnswer {
  readonly fingerprint: string
  /** Null while the first request is still being worked on. */
  readonly status: number | null
  readonly answer: unknown
}

export interface IdempotencyKey {
  readonly userId: string
  readonly call: string
  readonly key: string
}

/** Claims a key until `leaseUntil`; null when claimed now, else what an earlier request left. An abandoned claim is taken over. */
export async function claimKey(
  tx: ServerTransaction,
  { userId, call, key }: IdempotencyKey,
  { fingerprint, leaseUntil, now }: { fingerprint: string; leaseUntil: Date; now: Date },
): Promise<StoredAnswer | null> {
  const { rows } = await sql`
    insert into idempotency_keys (user_id, call, key, fingerprint, lease_until)
    values (${userId}, ${call}, ${key}, ${fingerprint}, ${leaseUntil})
    on conflict (user_id, call, key) do update set lease_until = excluded.lease_until
      where idempotency_keys.status is null and idempotency_keys.lease_until < ${now}
        and idempotency_keys.fingerprint = excluded.fingerprint
    returning key`.execute(tx)
  if (rows.length > 0) return null
  return tx
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'status', 'answer'])
    .where('user_id', '=', userId)
    .where('call', '=', call)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
}

/** Keeps the final answer of a claimed key. */
export async function keepAnswer(tx: ServerTransaction, { userId, call, key }: IdempotencyKey, status: number, answer: unknown): Promise<void> {
  await tx
    .updateTable('idempotency_keys')
    .set({ status, answer: JSON.stringify(answer), lease_until: null })
    .where('user_id', '=', userId)
    .where('call', '=', call)
    .where('key', '=', key)
    .execute()
}

/** Frees a claimed key whose request failed in a way that may succeed later. */
export async function releaseKey(tx: ServerTransaction, { userId, call, key }: IdempotencyKey): Promise<void> {
  await tx
    .deleteFrom('idempotency_keys')
    .where('user_id', '=', userId)
    .where('call', '=', call)
    .where('key', '=', key)
    .where('status', 'is', null)
    .execute()
}
