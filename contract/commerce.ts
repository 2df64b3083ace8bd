import { z } from 'zod'
import { desktopCommand, domain, serverCommand, serverQuery } from './call.ts'
import { ContentRef, Cursor, Id, Instant, Money, pageOf } from './values.ts'

export const PaymentStatus = z.enum([
  'created',
  'pending',
  'authorized',
  'captured',
  'failed',
  'cancelled',
  'refunded',
  'partially_refunded',
  'disputed',
])
export type PaymentStatus = z.infer<typeof PaymentStatus>

export const PaymentItem = ContentRef.extend({ title: z.string(), price: Money })
export const Payment = z.object({
  id: Id,
  status: PaymentStatus,
  total: Money,
  items: z.array(PaymentItem),
  processor: z.enum(['sandbox', 'stripe', 'razorpay', 'paypal']),
  /** The provider's page, to be opened in a browser while the payment is open. */
  checkoutAddress: z.url().nullable(),
  /** Why a refund happened by itself, in a word: `already-owned`. */
  failureCode: z.string().nullable(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  capturedAt: Instant.nullable(),
})
export type Payment = z.infer<typeof Payment>

/** Where the provider sends the browser afterwards. */
export const ReturnTo = z.union([
  z.literal('mixmint://payment'),
  z.string().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}\/return\/payment$/, 'Only the app or this computer'),
])

export const commerce = domain('commerce', {
  checkout: serverCommand({
    about: 'Opens a payment for items at the prices of the store, and names the page to pay on.',
    proof: 'device',
    isIdempotent: true,
    audience: 'core',
    input: z.object({ items: z.array(ContentRef).min(1).max(50), returnTo: ReturnTo }),
    output: Payment,
    errors: ['already-owned', 'not-for-sale', 'not-found', 'account-suspended'],
  }),
  getPayment: serverQuery({
    about: 'How a payment of the account stands; asks the provider when it is still open.',
    proof: 'session',
    input: z.object({ paymentId: Id }),
    output: Payment,
    errors: ['not-found'],
  }),
  listPayments: serverQuery({
    about: 'The payments of the account, newest first.',
    proof: 'session',
    input: z.object({ cursor: Cursor.optional(), limit: z.int().min(1).max(100).default(40) }),
    output: pageOf(Payment),
  }),
  cancelPayment: serverCommand({
    about: 'Gives up a payment that is still open.',
    proof: 'device',
    input: z.object({ paymentId: Id }),
    output: Payment,
    errors: ['not-found', 'payment-not-open'],
  }),

  buy: desktopCommand({
    about:
      'Opens a payment for items, or finds the one already open for them; the address is to be opened in a browser.',
    input: z.object({ items: z.array(ContentRef).min(1).max(50) }),
    output: Payment,
    errors: ['not-signed-in', 'already-owned', 'not-for-sale', 'not-found', 'offline'],
  }),
  checkPayment: desktopCommand({
    about: 'Asks the server how a payment stands, and tells the library when it was captured.',
    input: z.object({ paymentId: Id }),
    output: Payment,
    errors: ['not-signed-in', 'not-found', 'offline'],
  }),
})
