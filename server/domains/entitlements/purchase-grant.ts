import type { ContentRef, Money } from '../../../contract/values.ts'

/** A content that an account is to own from now on. */
export interface PurchaseGrant {
  readonly userId: string
  readonly ref: ContentRef
  /** The payment that bought it; null for a gift of the shop. */
  readonly paymentId: string | null
  readonly amount: Money
}
