import type { PaymentStatus } from '../../../contract/commerce.ts'
import { AppError } from '../../../contract/errors.ts'
import type { Money } from '../../../contract/values.ts'

/** How long a payment may stay open, ms. */
export const PAYMENT_WINDOW_MS = 30 * 60_000

const OPEN: ReadonlySet<PaymentStatus> = new Set(['created', 'pending', 'authorized'])

export function isOpen(status: PaymentStatus): boolean {
  return OPEN.has(status)
}

type Told = 'pending' | 'authorized' | 'captured' | 'failed' | 'cancelled' | 'refunded'

/** From which states news of a kind moves a payment on; anything else leaves it as it is, because news comes late, twice and out of order. */
const MOVES: Readonly<Record<Told, ReadonlySet<PaymentStatus>>> = {
  pending: new Set(['created']),
  authorized: new Set(['created', 'pending']),
  captured: new Set(['created', 'pending', 'authorized', 'failed', 'cancelled']),
  failed: new Set(['created', 'pending', 'authorized']),
  cancelled: new Set(['created', 'pending', 'authorized']),
  refunded: new Set(['captured', 'partially_refunded', 'disputed']),
}

/** The state after the provider told `told`: forward only, so that every order of the same news ends in the same state. */
export function nextStatus(present: PaymentStatus, told: Told): PaymentStatus {
  return MOVES[told].has(present) ? told : present
}

/** The sum in one currency; throws `not-for-sale` for a mix of currencies. */
export function totalOf(prices: readonly Money[]): Money {
  const [first] = prices
  if (first === undefined) throw new AppError('invalid-input', 'There is nothing to pay for.')
  if (prices.some(({ currency }) => currency !== first.currency))
    throw new AppError('not-for-sale', 'Items of different currencies are paid for one by one.')
  return { minor: prices.reduce((sum, { minor }) => sum + minor, 0), currency: first.currency }
}

export function isSameMoney(a: Money, b: Money): boolean {
  return a.minor === b.minor && a.currency === b.currency
}
