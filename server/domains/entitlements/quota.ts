import { AppError } from '../../../contract/errors.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import { type GrantedAccess, quotaOf } from '../catalogue/public.ts'
import { returnUnit, takeUnit } from './rows.ts'

export interface TakenUnit {
  /** The usage row to store with the attempt (`subscription_usage_id`), whether or not this attempt was charged. */
  readonly usageId: string
  /** Units left afterwards. */
  readonly quotaLeft: number
  /** False when the content was taken in this period already: a unit buys it for the period, on all devices. */
  readonly wasCharged: boolean
}

/**
 * Takes one unit of a plan for a content; null for the other sources of access, which take nothing.
 * Call it under a lock on account and content, with a fresh `findAccess`.
 * Throws `quota-exhausted` when the last unit is gone or the plan has ended meanwhile.
 */
export async function takeQuota(
  tx: ServerTransaction,
  { subscription }: GrantedAccess,
  { contentType }: ContentRef,
): Promise<TakenUnit | null> {
  if (subscription === null || subscription.usageId === null) return null
  const { usageId, quota, used } = subscription
  if (subscription.isTaken) return { usageId, quotaLeft: Math.max(0, quota - used), wasCharged: false }
  const taken = await asServer(tx, (serverTx) => takeUnit(serverTx, subscription.id, contentType))
  if (taken === null) throw new AppError('quota-exhausted', undefined, { quota: quotaOf(contentType) })
  return { ...taken, wasCharged: true }
}

/**
 * Gives one unit back to the very usage row it was taken from, after the attempt that stored it became `released`.
 * Answers false, and gives nothing, while another attempt of the account that was not released holds the content by the same row.
 */
export function giveBackQuota(
  tx: ServerTransaction,
  userId: string,
  usageId: string,
  { contentType, contentId }: ContentRef,
): Promise<boolean> {
  return asServer(tx, (serverTx) => returnUnit(serverTx, { userId, usageId, contentType, contentId }))
}
