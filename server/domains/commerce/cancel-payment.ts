import type { Parsed } from '../../../contract/call.ts'
import type { commerce, Payment } from '../../../contract/commerce.ts'
import { AppError } from '../../../contract/errors.ts'
import { type Needs, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { closePayment, paymentOf } from './rows.ts'
import { toPayment } from './to-payment.ts'

/** Gives an open payment up. Should the provider capture it all the same, the purchase is made: paid is paid. */
export async function cancelPayment(
  { tx, caller }: Needs<'tx' | 'caller'>,
  { paymentId }: Parsed<typeof commerce.cancelPayment>,
): Promise<Payment> {
  const { userId } = signedIn(caller)
  return asServer(tx, async (serverTx) => {
    if ((await paymentOf(serverTx, userId, paymentId)) === null) throw new AppError('not-found')
    if (!(await closePayment(serverTx, paymentId, 'cancelled-by-buyer'))) throw new AppError('payment-not-open')
    const payment = await paymentOf(serverTx, userId, paymentId)
    if (payment === null) throw new AppError('not-found')
    return toPayment(payment)
  })
}
