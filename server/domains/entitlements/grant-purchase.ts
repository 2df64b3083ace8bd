import type { ContentRef } from '../../../contract/values.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import type { PurchaseGrant } from './purchase-grant.ts'
import { isPurchased, revokePurchaseRow, upsertPurchase } from './rows.ts'

/**
 * Makes an account own a content for ever. A revoked purchase comes back to life in the same row.
 * `already-owned`: the purchase of another payment stands. Asking again for the same payment answers `created`.
 */
export function grantPurchase(tx: ServerTransaction, grant: PurchaseGrant): Promise<'created' | 'already-owned'> {
  return asServer(tx, (serverTx) => upsertPurchase(serverTx, grant))
}

/** Withdraws a purchase, as a refund does; with a payment only if it was that payment's. Answers whether one was withdrawn. */
export function revokePurchase(
  tx: ServerTransaction,
  revoked: { readonly userId: string; readonly ref: ContentRef; readonly paymentId: string | null },
): Promise<boolean> {
  return asServer(tx, (serverTx) => revokePurchaseRow(serverTx, revoked))
}

/** Whether an account bought a content by itself and still owns it; what checkout refuses to sell twice. */
export function ownsByPurchase(tx: ServerTransaction, userId: string, ref: ContentRef): Promise<boolean> {
  return asServer(tx, (serverTx) => isPurchased(serverTx, userId, ref))
}
