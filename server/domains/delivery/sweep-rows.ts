import { sql } from 'kysely'
import type { PrivilegedTransaction, ServerTransaction } from '../../db/transaction.ts'

/** Deletes the records of device proofs whose nonce no server accepts any more. */
export async function deleteExpiredProofs(tx: PrivilegedTransaction): Promise<void> {
  await sql`delete from dpop_jti where expires_at <= app.now()`.execute(tx)
}

/** Deletes tokens that were never used and that no log names. Needs the service role: the server's own hand deletes no tokens. */
export async function deleteUnusedTokens(tx: ServerTransaction, olderThanDays: number): Promise<void> {
  await sql`delete from download_tokens t
    where t.used_at is null and t.expires_at < app.now() - make_interval(days => ${olderThanDays})
      and not exists (select from download_logs l where l.token_id = t.id)`.execute(tx)
}
