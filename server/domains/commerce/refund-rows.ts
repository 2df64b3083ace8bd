import type { Money } from '../../../contract/values.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import type { PaymentRow } from './rows.ts'

/** Writes down that money is to go back; `dueRefunds` finds it until `markRefunded`. */
export async function insertRefund(
  tx: PrivilegedTransaction,
  payment: PaymentRow,
  amount: Money,
  reason: string,
): Promise<void> {
  await tx
    .insertInto('transactions')
    .values({
      buyer_id: payment.userId,
      payment_id: payment.id,
      transaction_type: 'refund',
      currency: amount.currency,
      amount_total: amount.minor,
      amount_seller: amount.minor,
      payment_processor: payment.processor,
      status: 'pending',
      metadata: JSON.stringify({ reason }),
    })
    .execute()
}

export interface DueRefund {
  readonly transactionId: string
  readonly paymentId: string
  readonly processor: string
  readonly providerOrderId: string
  readonly providerPaymentId: string
  readonly amount: Money
  readonly isWhole: boolean
}

/** Refunds that were decided and have not reached the provider yet, oldest first. */
export async function dueRefunds(tx: PrivilegedTransaction, limit: number): Promise<DueRefund[]> {
  const rows = await tx
    .selectFrom('transactions as t')
    .innerJoin('payments as p', 'p.id', 't.payment_id')
    .select([
      't.id',
      't.amount_total',
      't.currency',
      'p.id as payment_id',
      'p.processor',
      'p.provider_order_id',
      'p.provider_payment_id',
      'p.amount_minor',
    ])
    .where('t.transaction_type', '=', 'refund')
    .where('t.status', '=', 'pending')
    .orderBy('t.created_at')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    transactionId: row.id,
    paymentId: row.payment_id,
    processor: row.processor,
    providerOrderId: row.provider_order_id ?? '',
    providerPaymentId: row.provider_payment_id ?? '',
    amount: { minor: Number(row.amount_total), currency: row.currency },
    isWhole: row.amount_total === row.amount_minor,
  }))
}

export async function markRefunded(
  tx: PrivilegedTransaction,
  { transactionId, paymentId, isWhole }: DueRefund,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('transactions')
    .set({ status: 'completed', completed_at: now, refunded_at: now })
    .where('id', '=', transactionId)
    .execute()
  await tx
    .updateTable('payments')
    .set({ status: isWhole ? 'refunded' : 'partially_refunded', refunded_at: now })
    .where('id', '=', paymentId)
    .where('status', 'in', ['captured', 'partially_refunded'])
    .execute()
}
