import type { Parsed } from '../../../contract/call.ts'
import type { commerce, Payment } from '../../../contract/commerce.ts'
import { AppError } from '../../../contract/errors.ts'
import { type Needs, phased, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { applyProviderPayment } from './apply-provider-payment.ts'
import { type PaymentRow, paymentOf } from './rows.ts'
import { isOpen } from './rules.ts'
import { toPayment } from './to-payment.ts'

/** Answers how a payment stands. While it is open the provider is asked, so that a lost webhook costs nobody anything. */
export const getPayment = phased(async function getPayment(
  { transact, caller, clock, payments }: Needs<'transact' | 'caller' | 'clock' | 'payments'>,
  { paymentId }: Parsed<typeof commerce.getPayment>,
): Promise<Payment> {
  const { userId } = signedIn(caller)
  const read = (): Promise<PaymentRow | null> =>
    transact((tx) => asServer(tx, (serverTx) => paymentOf(serverTx, userId, paymentId)))
  const payment = await read()
  if (payment === null) throw new AppError('not-found')
  if (!isOpen(payment.status) || payment.providerOrderId === null) return toPayment(payment)
  const told = await payments.get(payment.processor)?.fetchPayment(payment.providerOrderId)
  if (told == null || told.status === 'pending') return toPayment(payment)
  await transact((tx) => applyProviderPayment(tx, payment.processor, told, clock.now()))
  return toPayment((await read()) ?? payment)
})
