import { AppError } from '../../../contract/errors.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import type { Attempt } from './attempt.ts'
import { lockAttempt, lockHolder, selectAttempt } from './attempt-rows.ts'

/** Locks an attempt and its holder, in the order that everything takes them. Throws `not-found` for another account's or device's. */
export async function lockOwnAttempt(
  tx: PrivilegedTransaction,
  id: string,
  { userId, deviceId }: { userId: string; deviceId: string },
): Promise<Attempt> {
  const found = await selectAttempt(tx, id)
  if (found === null || found.userId !== userId || found.deviceId !== deviceId) throw new AppError('not-found')
  await lockHolder(tx, found)
  const attempt = await lockAttempt(tx, id)
  if (attempt === null) throw new AppError('not-found')
  return attempt
}
