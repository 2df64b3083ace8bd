import { AppError } from '../../../contract/errors.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import { decrementUsage, incrementUsage } from './rows.ts'
import { type GrantedAccess, quotaOf } from './rules.ts'

/**
 * Takes one unit of a plan for a content, or none when the content was taken in this period already.
 * Returns the usage row, which every download attempt by plan stores (`subscription_usage_id`), charged or not:
 * those attempts are what "taken already" is read from. Null for the other sources of access.
 * Throws `quota-exhausted` when others took the last unit meanwhile. Call it under a lock on account and content.
 */
export async function takeQuota(
  tx: ServerTransaction,
  access: GrantedAccess,
  ref: ContentRef,
  now: number,
): Promise<{ usageId: string; quotaLeft: number; wasCharged: boolean } | null> {
  const { subscription } = access
  if (subscription?.usageId == null) return null
  const { usageId } = subscription
  if (subscription.isTaken) return { usageId, quotaLeft: subscription.quota - subscription.used, wasCharged: false }
  const quotaLeft = await asServer(tx, (serverTx) => incrementUsage(serverTx, usageId, ref.contentType, now))
  if (quotaLeft === null) throw new AppError('quota-exhausted', undefined, { quota: quotaOf(ref.contentType) })
  return { usageId, quotaLeft, wasCharged: true }
}

/**
 * Gives one unit back to the very usage row it was taken from, after the attempt that stored it was set to `released`.
 * Does nothing, and says so, while another attempt that was not released holds the content by the same row.
 */
export function giveBackQuota(tx: ServerTransaction, usageId: string, ref: ContentRef): Promise<boolean> {
  return asServer(tx, (serverTx) => decrementUsage(serverTx, usageId, ref))
}
