import type { ContentRef, Money } from '../../../contract/values.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import { revokePurchaseRow, upsertPurchase } from './rows.ts'

export interface PurchaseGrant {
  readonly userId: string
  readonly ref: ContentRef
  /** The payment that bought it; null for a gift of the shop. */
  readonly paymentId: string | null
  readonly amount: Money
}

/**
 * Makes an account own a content for ever. A revoked purchase comes back to life in the same row.
 * `already-owned` means that a purchase of another payment stands; asking again for the same payment answers `created`.
 */
export function grantPurchase(tx: ServerTransaction, grant: PurchaseGrant): Promise<'created' | 'already-owned'> {
  return asServer(tx, (serverTx) => upsertPurchase(serverTx, grant))
}

/** Withdraws a purchase, as a refund does; answers whether one stood. `now` is in ms. */
export function revokePurchase(tx: ServerTransaction, userId: string, ref: ContentRef, now: number): Promise<boolean> {
  return asServer(tx, (serverTx) => revokePurchaseRow(serverTx, userId, ref, now))
}
