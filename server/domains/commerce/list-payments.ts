import type { Parsed } from '../../../contract/call.ts'
import type { commerce, Payment } from '../../../contract/commerce.ts'
import type { Page } from '../../../contract/values.ts'
import { type Needs, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { fromCursor, toCursor } from './payment-cursor.ts'
import { paymentsOf } from './rows.ts'
import { toPayment } from './to-payment.ts'

export async function listPayments(
  { tx, caller }: Needs<'tx' | 'caller'>,
  { cursor, limit }: Parsed<typeof commerce.listPayments>,
): Promise<{ items: Payment[]; nextCursor: Page<Payment>['nextCursor'] }> {
  const { userId } = signedIn(caller)
  const after = cursor === undefined ? null : fromCursor(cursor)
  const rows = await asServer(tx, (serverTx) => paymentsOf(serverTx, userId, after, limit + 1))
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items: rows.slice(0, limit).map(toPayment), nextCursor: last === undefined ? null : toCursor(last) }
}
