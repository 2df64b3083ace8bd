import { createHash } from 'node:crypto'
import type { Parsed } from '../../../contract/call.ts'
import type { commerce, Payment } from '../../../contract/commerce.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { type Needs, phased, signedIn } from '../../context.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import type { PaymentProvider } from '../../ports.ts'
import { contentFor } from '../catalogue/public.ts'
import { ownsByPurchase } from '../entitlements/public.ts'
import { insertPayment, openPayment, type PaymentItemRow, type PaymentRow, paymentOf } from './rows.ts'
import { PAYMENT_WINDOW_MS, totalOf } from './rules.ts'
import { toPayment } from './to-payment.ts'

/** Refuses what can not be sold to this account now, and reads the price from the store: what a client says of prices never counts. */
async function itemForSale(tx: ServerTransaction, userId: string, ref: ContentRef): Promise<PaymentItemRow> {
  const content = await contentFor(tx, ref)
  if (content === null || !content.isInStore)
    throw new AppError('not-found', 'There is no such thing in the store.', { ...ref })
  if (content.djId === userId) throw new AppError('not-for-sale', 'This is your own.', { ...ref })
  if (await ownsByPurchase(tx, userId, ref)) throw new AppError('already-owned', undefined, { ...ref })
  if (content.isFanOnly || content.price.minor === 0)
    throw new AppError('not-for-sale', 'This comes with the Super plan and is not sold by itself.', { ...ref })
  return { ...ref, title: content.title, sellerId: content.djId, price: content.price }
}

/** The vendor that takes new payments: the sandbox in local mode, else the first live one. */
function providerForSale(payments: ReadonlyMap<string, PaymentProvider>): PaymentProvider {
  const [provider] = payments.values()
  if (provider === undefined) throw new AppError('server-busy', 'Payments are closed at the moment.')
  return provider
}

type CheckoutNeeds = Needs<'transact' | 'caller' | 'clock' | 'random' | 'payments' | 'idempotencyKey'>

/** Records the intent, opens the provider's order, records the outcome: no vendor is asked inside a transaction. */
export const checkout = phased(async function checkout(
  { transact, caller, clock, random, payments, idempotencyKey }: CheckoutNeeds,
  { items, returnTo }: Parsed<typeof commerce.checkout>,
): Promise<Payment> {
  const { userId } = signedIn(caller)
  const provider = providerForSale(payments)
  const unique = [...new Map(items.map((item) => [`${item.contentType}:${item.contentId}`, item])).values()]
  const expiresAt = clock.now() + PAYMENT_WINDOW_MS
  const intended = await transact(async (tx): Promise<PaymentRow> => {
    const forSale: PaymentItemRow[] = []
    for (const ref of unique) forSale.push(await itemForSale(tx, userId, ref))
    return asServer(tx, async (serverTx) => {
      const id = await insertPayment(serverTx, {
        id: random.uuid(),
        userId,
        processor: provider.name,
        total: totalOf(forSale.map(({ price }) => price)),
        idempotencyKey: idempotencyKey ?? random.uuid(),
        requestHash: createHash('sha256')
          .update(JSON.stringify({ items: unique, returnTo }))
          .digest('hex'),
        returnTo,
        expiresAt: new Date(expiresAt),
        items: forSale,
      })
      return found(await paymentOf(serverTx, userId, id))
    })
  })
  const order = await provider.createOrder({
    paymentId: intended.id,
    amount: intended.total,
    description: describe(intended),
    returnTo,
    expiresAt: intended.expiresAt?.getTime() ?? expiresAt,
  })
  return transact((tx) =>
    asServer(tx, async (serverTx) => {
      await openPayment(serverTx, intended.id, order)
      return toPayment(found(await paymentOf(serverTx, userId, intended.id)))
    }),
  )
})

function describe({ items }: PaymentRow): string {
  const [first] = items
  return items.length === 1 ? (first?.title ?? '') : `${first?.title} and ${items.length - 1} more`
}

function found<T>(row: T | null): T {
  if (row === null) throw new Error('The payment just written is not there')
  return row
}
