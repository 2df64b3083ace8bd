import type { PrivilegedTransaction } from '../../db/transaction.ts'

/** Keeps a provider's event; false when it is here already. */
export async function insertEvent(
  tx: PrivilegedTransaction,
  event: { processor: string; eventId: string; type: string; payload: unknown },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('payment_events')
    .values({
      processor: event.processor,
      provider_event_id: event.eventId,
      event_type: event.type,
      signature_ok: true,
      payload: JSON.stringify(event.payload),
    })
    .onConflict((on) => on.columns(['processor', 'provider_event_id']).doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function settleEvent(
  tx: PrivilegedTransaction,
  event: {
    processor: string
    eventId: string
    paymentId: string | null
    outcome: 'processed' | 'ignored' | 'failed'
    error?: string
    now: Date
  },
): Promise<void> {
  await tx
    .updateTable('payment_events')
    .set({ outcome: event.outcome, payment_id: event.paymentId, processed_at: event.now, error: event.error ?? null })
    .where('processor', '=', event.processor)
    .where('provider_event_id', '=', event.eventId)
    .execute()
}
