import type { PrivilegedTransaction } from '../db/transaction.ts'

export interface QueuedMail {
  readonly id: string
  readonly to: string
  readonly template: string
  readonly payload: unknown
}

/** Mails that wait to be sent, oldest first, locked so that two processes never send one twice. */
export async function lockQueuedMails(tx: PrivilegedTransaction, limit: number): Promise<QueuedMail[]> {
  const rows = await tx
    .selectFrom('email_outbox')
    .select(['id', 'to_email', 'template', 'payload'])
    .where('state', '=', 'queued')
    .orderBy('created_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  return rows.map(({ id, to_email, template, payload }) => ({ id, to: to_email, template, payload }))
}

export async function markMail(
  tx: PrivilegedTransaction,
  id: string,
  outcome: { state: 'sent' | 'failed'; sentAt: Date | null; error: string | null },
): Promise<void> {
  await tx
    .updateTable('email_outbox')
    .set({ state: outcome.state, sent_at: outcome.sentAt, error: outcome.error })
    .where('id', '=', id)
    .execute()
}
