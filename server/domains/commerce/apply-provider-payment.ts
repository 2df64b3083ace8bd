import { AppError } from '../../../contract/errors.ts'
import type { Money } from '../../../contract/values.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import type { ProviderPayment } from '../../ports.ts'
import { grantPurchase, revokePurchase } from '../entitlements/public.ts'
import { insertRefund } from './refund-rows.ts'
import { lockPaymentOfOrder, type PaymentRow, updatePayment } from './rows.ts'
import { isSameMoney, nextStatus, totalOf } from './rules.ts'
import { insertReceipt, insertSale } from './sale-rows.ts'

/**
 * Brings a payment to the state that its provider tells, and fulfils it when that is `captured`: everything in the caller's transaction.
 * What is owned already is not granted again, and its price is marked to go back. Telling the same twice changes nothing.
 * Answers the payment's id, null when it is not ours. Throws `payment-mismatch` when amount or currency differ from the order.
 */
export async function applyProviderPayment(
  tx: ServerTransaction,
  processor: string,
  told: ProviderPayment,
  now: number,
): Promise<string | null> {
  const payment = await asServer(tx, (serverTx) => lockPaymentOfOrder(serverTx, processor, told.providerOrderId))
  if (payment === null) return null
  const status = nextStatus(payment.status, told.status)
  if (status === payment.status) return payment.id
  if (!isSameMoney(told.amount, payment.total))
    throw new AppError('payment-mismatch', 'The provider names another amount than the order.', {
      paymentId: payment.id,
    })
  if (status === 'captured') await fulfil(tx, payment, told, now)
  else if (status === 'refunded') await takeBack(tx, payment, now)
  else
    await asServer(tx, (serverTx) =>
      updatePayment(serverTx, payment.id, {
        status,
        providerPaymentId: told.providerPaymentId,
        ...(status === 'failed' ? { failureCode: 'declined' } : {}),
      }),
    )
  return payment.id
}

async function fulfil(tx: ServerTransaction, payment: PaymentRow, told: ProviderPayment, now: number): Promise<void> {
  const toReturn: Money[] = []
  for (const item of payment.items) {
    const { contentType, contentId, price } = item
    const outcome = await grantPurchase(tx, {
      userId: payment.userId,
      ref: { contentType, contentId },
      paymentId: payment.id,
      amount: price,
    })
    if (outcome === 'already-owned') toReturn.push(price)
    else await asServer(tx, (serverTx) => insertSale(serverTx, payment, item, new Date(now)))
  }
  await asServer(tx, async (serverTx) => {
    await updatePayment(serverTx, payment.id, {
      status: 'captured',
      providerPaymentId: told.providerPaymentId,
      capturedAt: new Date(now),
      ...(toReturn.length === 0 ? {} : { failureCode: 'already-owned' }),
    })
    if (toReturn.length > 0) await insertRefund(serverTx, payment, totalOf(toReturn), 'already-owned')
    if (toReturn.length < payment.items.length) await insertReceipt(serverTx, payment)
  })
}

/** A refund that the provider tells of: what this payment bought is withdrawn. */
async function takeBack(tx: ServerTransaction, payment: PaymentRow, now: number): Promise<void> {
  for (const { contentType, contentId } of payment.items)
    await revokePurchase(tx, { userId: payment.userId, ref: { contentType, contentId }, paymentId: payment.id })
  await asServer(tx, (serverTx) =>
    updatePayment(serverTx, payment.id, { status: 'refunded', refundedAt: new Date(now) }),
  )
}
