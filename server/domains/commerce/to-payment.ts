import type { Payment } from '../../../contract/commerce.ts'
import type { PaymentRow } from './rows.ts'
import { isOpen } from './rules.ts'

/** A payment as its buyer sees it: the address to pay at only while it can be paid. */
export function toPayment(row: PaymentRow): Payment {
  return {
    id: row.id,
    status: row.status,
    total: row.total,
    items: row.items.map(({ contentType, contentId, title, price }) => ({ contentType, contentId, title, price })),
    processor: row.processor,
    checkoutAddress: isOpen(row.status) ? row.checkoutAddress : null,
    failureCode: row.failureCode,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    capturedAt: row.capturedAt?.toISOString() ?? null,
  }
}
