import type { PrivilegedTransaction } from '../../db/transaction.ts'
import { giveBackQuota } from '../entitlements/public.ts'
import type { Attempt } from './attempt.ts'
import { closeAttempt, lockRefundsToday } from './attempt-rows.ts'
import { insertLog } from './log-rows.ts'
import { type Ending, refundLimit, stateAfter } from './rules.ts'

const NONE = { ofContent: 0, ofUser: 0 }

/**
 * Ends an open attempt whose row and holder are locked, so that its counter stands still: gives back or charges, and closes
 * its tokens, upon which open streams stop. Answers the attempt as it is now.
 */
export async function settleAttempt(
  tx: PrivilegedTransaction,
  attempt: Attempt,
  ending: Ending,
  now: number,
): Promise<Attempt> {
  const { id, userId, deviceId, ref, sizeBytes, bytesServed, usageId } = attempt
  const mayCountAsRefund = bytesServed > 0 && bytesServed <= refundLimit(sizeBytes)
  const refundsToday = mayCountAsRefund ? await lockRefundsToday(tx, attempt) : NONE
  const state = stateAfter(ending, { sizeBytes, bytesServed, refundsToday })
  await closeAttempt(tx, id, { state, reason: ending })
  if (state === 'released' && usageId !== null) await giveBackQuota(tx, userId, usageId, ref)
  await insertLog(tx, {
    event: ending === 'cancelled' ? 'cancelled' : 'settled',
    reason: `${ending}: ${state}`,
    userId,
    deviceId,
    attemptId: id,
    bytes: bytesServed,
  })
  return { ...attempt, state, settledAt: now }
}
