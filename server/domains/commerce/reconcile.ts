import type { Database } from '../../db/database.ts'
import { asCaller, asServer, type PrivilegedTransaction } from '../../db/transaction.ts'
import type { Clock, PaymentProvider } from '../../ports.ts'
import { applyProviderPayment } from './apply-provider-payment.ts'
import { type DueRefund, dueRefunds, markRefunded } from './refund-rows.ts'
import { closePayment, overduePayments } from './rows.ts'

export interface ReconcileNeeds {
  readonly db: Database
  readonly clock: Clock
  readonly payments: ReadonlyMap<string, PaymentProvider>
}

const BATCH = 50

const inServer = <T>({ db, clock }: ReconcileNeeds, work: (tx: PrivilegedTransaction) => Promise<T>): Promise<T> =>
  asCaller(db, { role: 'anon' }, (tx) => asServer(tx, work), { clock })

/** Sends refunds that were decided to their providers; one that fails is tried again by the next run. Answers how many went. */
export async function sendDueRefunds(needs: ReconcileNeeds): Promise<number> {
  let sent = 0
  for (const refund of await inServer(needs, (tx) => dueRefunds(tx, BATCH))) {
    const provider = needs.payments.get(refund.processor)
    if (provider === undefined) continue
    await provider.refund({ ...pick(refund), reason: 'already-owned' })
    await inServer(needs, (tx) => markRefunded(tx, refund, new Date(needs.clock.now())))
    sent += 1
  }
  return sent
}

function pick({
  providerOrderId,
  providerPaymentId,
  amount,
}: DueRefund): Pick<DueRefund, 'providerOrderId' | 'providerPaymentId' | 'amount'> {
  return { providerOrderId, providerPaymentId, amount }
}

/** Ends payments whose time is over, after a last question to the provider: who has paid gets what was bought. Answers how many ended. */
export async function endOverduePayments(needs: ReconcileNeeds): Promise<number> {
  const now = needs.clock.now()
  const overdue = await inServer(needs, (tx) => overduePayments(tx, new Date(now), BATCH))
  for (const { id, processor, providerOrderId } of overdue) {
    const told = providerOrderId === null ? null : await needs.payments.get(processor)?.fetchPayment(providerOrderId)
    if (told != null && told.status !== 'pending')
      await asCaller(needs.db, { role: 'anon' }, (tx) => applyProviderPayment(tx, processor, told, now), {
        clock: needs.clock,
      })
    await inServer(needs, (tx) => closePayment(tx, id, 'expired'))
  }
  return overdue.length
}
