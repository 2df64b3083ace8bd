import { sql } from 'kysely'
import type { PaymentStatus } from '../../../contract/commerce.ts'
import type { ContentRef, Money } from '../../../contract/values.ts'
import type { PrivilegedTransaction, ServerTransaction } from '../../db/transaction.ts'

export interface PaymentItemRow extends ContentRef {
  readonly title: string
  readonly sellerId: string | null
  readonly price: Money
}

export interface PaymentRow {
  readonly id: string
  readonly userId: string
  readonly status: PaymentStatus
  readonly processor: 'sandbox' | 'stripe' | 'razorpay' | 'paypal'
  readonly total: Money
  readonly providerOrderId: string | null
  readonly providerPaymentId: string | null
  readonly checkoutAddress: string | null
  readonly failureCode: string | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly capturedAt: Date | null
  readonly items: readonly PaymentItemRow[]
}

const PAYMENT_COLUMNS = [
  'id',
  'user_id',
  'status',
  'processor',
  'amount_minor',
  'currency',
  'provider_order_id',
  'provider_payment_id',
  'checkout_url',
  'failure_code',
  'created_at',
  'expires_at',
  'captured_at',
] as const

function selectPayments(tx: ServerTransaction) {
  return tx.selectFrom('payments').select(PAYMENT_COLUMNS)
}
type StoredPayment = Awaited<ReturnType<ReturnType<typeof selectPayments>['executeTakeFirstOrThrow']>>

async function withItems(tx: ServerTransaction, payments: readonly StoredPayment[]): Promise<PaymentRow[]> {
  if (payments.length === 0) return []
  const ids = payments.map(({ id }) => id)
  const items = await tx
    .selectFrom('payment_items')
    .select(['payment_id', 'item_type', 'item_id', 'seller_id', 'title', 'unit_price_minor', 'discount_minor'])
    .where('payment_id', 'in', ids)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  const byPayment = Map.groupBy(items, (item) => item.payment_id)
  return payments.map((row) => ({
    id: row.id,
    userId: row.user_id,
    status: row.status as PaymentStatus,
    processor: row.processor as PaymentRow['processor'],
    total: { minor: Number(row.amount_minor), currency: row.currency },
    providerOrderId: row.provider_order_id,
    providerPaymentId: row.provider_payment_id,
    checkoutAddress: row.checkout_url,
    failureCode: row.failure_code,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    capturedAt: row.captured_at,
    items: (byPayment.get(row.id) ?? []).map((item) => ({
      contentType: item.item_type as ContentRef['contentType'],
      contentId: item.item_id,
      title: item.title,
      sellerId: item.seller_id,
      price: { minor: Number(item.unit_price_minor) - Number(item.discount_minor), currency: row.currency },
    })),
  }))
}

/** A payment of an account; null when there is none or it is somebody else's. */
export async function paymentOf(
  tx: PrivilegedTransaction,
  userId: string,
  paymentId: string,
): Promise<PaymentRow | null> {
  const rows = await selectPayments(tx).where('id', '=', paymentId).where('user_id', '=', userId).execute()
  return (await withItems(tx, rows))[0] ?? null
}

/** The payment that a provider's order belongs to, locked until the transaction ends. */
export async function lockPaymentOfOrder(
  tx: PrivilegedTransaction,
  processor: string,
  orderId: string,
): Promise<PaymentRow | null> {
  const rows = await selectPayments(tx)
    .where('processor', '=', processor)
    .where('provider_order_id', '=', orderId)
    .forUpdate()
    .execute()
  return (await withItems(tx, rows))[0] ?? null
}

/** Payments of an account, newest first, from after a moment and id. */
export async function paymentsOf(
  tx: PrivilegedTransaction,
  userId: string,
  after: { createdAt: Date; id: string } | null,
  limit: number,
): Promise<PaymentRow[]> {
  let query = selectPayments(tx).where('user_id', '=', userId)
  if (after !== null) query = query.where(sql<boolean>`(created_at, id) < (${after.createdAt}, ${after.id})`)
  return withItems(tx, await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute())
}

/** Writes a new payment with its items, or finds the one that the same idempotency key made before. Answers its id. */
export async function insertPayment(
  tx: PrivilegedTransaction,
  payment: {
    id: string
    userId: string
    processor: string
    total: Money
    idempotencyKey: string
    requestHash: string
    returnTo: string
    expiresAt: Date
    items: readonly PaymentItemRow[]
  },
): Promise<string> {
  const { id, userId, processor, total, idempotencyKey, requestHash, returnTo, expiresAt, items } = payment
  const inserted = await tx
    .insertInto('payments')
    .values({
      id,
      user_id: userId,
      processor,
      purpose: 'content',
      currency: total.currency,
      amount_minor: total.minor,
      idempotency_key: idempotencyKey,
      request_hash: requestHash,
      return_to: returnTo,
      expires_at: expiresAt,
    })
    .onConflict((on) => on.columns(['user_id', 'idempotency_key']).doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows === 0n) {
    const earlier = await tx
      .selectFrom('payments')
      .select('id')
      .where('user_id', '=', userId)
      .where('idempotency_key', '=', idempotencyKey)
      .executeTakeFirstOrThrow()
    return earlier.id
  }
  await tx
    .insertInto('payment_items')
    .values(
      items.map((item) => ({
        payment_id: id,
        item_type: item.contentType,
        item_id: item.contentId,
        seller_id: item.sellerId,
        title: item.title,
        unit_price_minor: item.price.minor,
      })),
    )
    .execute()
  return id
}

/** Keeps what the provider opened; a payment that has moved on meanwhile stays where it is. */
export async function openPayment(
  tx: PrivilegedTransaction,
  paymentId: string,
  { providerOrderId, checkoutAddress }: { providerOrderId: string; checkoutAddress: string },
): Promise<void> {
  await tx
    .updateTable('payments')
    .set({ provider_order_id: providerOrderId, checkout_url: checkoutAddress, status: 'pending' })
    .where('id', '=', paymentId)
    .where('status', '=', 'created')
    .execute()
}

/** Moves a locked payment on. */
export async function updatePayment(
  tx: PrivilegedTransaction,
  paymentId: string,
  change: {
    status: PaymentStatus
    providerPaymentId?: string | null
    failureCode?: string
    capturedAt?: Date
    refundedAt?: Date
  },
): Promise<void> {
  const { status, providerPaymentId, failureCode, capturedAt, refundedAt } = change
  await tx
    .updateTable('payments')
    .set({
      status,
      ...(providerPaymentId == null ? {} : { provider_payment_id: providerPaymentId }),
      ...(failureCode === undefined ? {} : { failure_code: failureCode }),
      ...(capturedAt === undefined ? {} : { captured_at: capturedAt }),
      ...(refundedAt === undefined ? {} : { refunded_at: refundedAt }),
    })
    .where('id', '=', paymentId)
    .execute()
}

/** Open payments whose time is over, oldest first. */
export async function overduePayments(
  tx: PrivilegedTransaction,
  now: Date,
  limit: number,
): Promise<{ id: string; processor: string; providerOrderId: string | null }[]> {
  const rows = await tx
    .selectFrom('payments')
    .select(['id', 'processor', 'provider_order_id'])
    .where('status', 'in', ['created', 'pending', 'authorized'])
    .where('expires_at', '<', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  return rows.map(({ id, processor, provider_order_id }) => ({ id, processor, providerOrderId: provider_order_id }))
}

/** Gives an open payment up; false when it has moved on. */
export async function closePayment(
  tx: PrivilegedTransaction,
  paymentId: string,
  failureCode: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('payments')
    .set({ status: 'cancelled', failure_code: failureCode })
    .where('id', '=', paymentId)
    .where('status', 'in', ['created', 'pending', 'authorized'])
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
