import { sql } from 'kysely'
import type { PrivilegedTransaction } from '../db/transaction.ts'
import type { Mail } from '../ports.ts'

export interface QueuedMail {
  readonly id: string
  readonly to: string
  readonly payload: { readonly subject: string; readonly text: string }
}

/** Queues a mail once for a key: the same event never mails twice. */
export async function insertMail(
  tx: PrivilegedTransaction,
  { to, subject, text }: Mail,
  { template, dedupeKey }: { template: string; dedupeKey: string },
): Promise<void> {
  await tx
    .insertInto('email_outbox')
    .values({ to_email: to, template, payload: JSON.stringify({ subject, text }), dedupe_key: dedupeKey })
    .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
    .execute()
}

/** The oldest queued mails, locked until the transaction ends; what another process holds is left out. */
export async function lockQueuedMails(tx: PrivilegedTransaction, most: number): Promise<QueuedMail[]> {
  const { rows } = await sql<QueuedMail>`
    select id, to_email as "to", payload from email_outbox where state = 'queued'
    order by created_at limit ${most} for update skip locked`.execute(tx)
  return rows
}

/** Notes what became of a mail. `error` null: it was sent. */
export async function markMail(tx: PrivilegedTransaction, id: string, now: Date, error: string | null): Promise<void> {
  await tx
    .updateTable('email_outbox')
    .set(error === null ? { state: 'sent', sent_at: now } : { state: 'failed', error })
    .where('id', '=', id)
    .execute()
}
