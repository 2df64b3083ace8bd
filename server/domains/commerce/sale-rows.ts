import { sql } from 'kysely'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import type { PaymentItemRow, PaymentRow } from './rows.ts'

const SALE = { track: 'track_purchase', album: 'album_purchase', fan: 'fan_purchase' } as const

/** The commercial record of one sold item. Fees and commission follow with the ledger; until then the whole amount is the seller's. */
export async function insertSale(
  tx: PrivilegedTransaction,
  payment: PaymentRow,
  item: PaymentItemRow,
  now: Date,
): Promise<void> {
  await tx
    .insertInto('transactions')
    .values({
      buyer_id: payment.userId,
      seller_id: item.sellerId,
      payment_id: payment.id,
      transaction_type: SALE[item.contentType],
      related_id: item.contentId,
      currency: item.price.currency,
      amount_total: item.price.minor,
      amount_seller: item.price.minor,
      payment_processor: payment.processor,
      status: 'completed',
      completed_at: now,
    })
    .execute()
}

/** Puts a receipt into the mail outbox, once for each payment. */
export async function insertReceipt(tx: PrivilegedTransaction, payment: PaymentRow): Promise<void> {
  await tx
    .insertInto('email_outbox')
    .columns(['to_email', 'template', 'payload', 'dedupe_key'])
    .expression((from) =>
      from
        .selectFrom('profiles')
        .select([
          'email',
          sql.val('receipt').as('template'),
          sql`${JSON.stringify({ paymentId: payment.id, total: payment.total, items: payment.items.map(({ title, price }) => ({ title, price })) })}::jsonb`.as(
            'payload',
          ),
          sql.val(`receipt:${payment.id}`).as('dedupe_key'),
        ])
        .where('id', '=', payment.userId),
    )
    .onConflict((on) => on.column('dedupe_key').doNothing())
    .execute()
}
