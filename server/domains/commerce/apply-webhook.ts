import { AppError } from '../../../contract/errors.ts'
import type { Database } from '../../db/database.ts'
import { asCaller, asServer } from '../../db/transaction.ts'
import type { Clock, ProviderEvent } from '../../ports.ts'
import { applyProviderPayment } from './apply-provider-payment.ts'
import { insertEvent, settleEvent } from './event-rows.ts'

/**
 * Applies a verified event in the transaction that stores it under its unique key: delivered five times, it works once.
 * Answers what became of it. An amount that differs is kept as a failed event and changes nothing else.
 */
export async function applyWebhook(
  { db, clock }: { db: Database; clock: Clock },
  processor: string,
  { eventId, type, payment, payload }: ProviderEvent,
): Promise<'processed' | 'ignored' | 'duplicate' | 'failed'> {
  return asCaller(
    db,
    { role: 'anon' },
    async (tx) => {
      if (!(await asServer(tx, (serverTx) => insertEvent(serverTx, { processor, eventId, type, payload }))))
        return 'duplicate'
      const now = clock.now()
      const settled = await applyProviderPayment(tx, processor, payment, now).then(
        (paymentId) => ({ paymentId, outcome: paymentId === null ? ('ignored' as const) : ('processed' as const) }),
        (error: unknown) => {
          if (!(error instanceof AppError) || error.code !== 'payment-mismatch') throw error
          return { paymentId: null, outcome: 'failed' as const, error: error.message }
        },
      )
      await asServer(tx, (serverTx) => settleEvent(serverTx, { processor, eventId, now: new Date(now), ...settled }))
      return settled.outcome
    },
    { clock },
  )
}
