import { AppError } from '../../../contract/errors.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import { lockOwn, type OwnAttempt } from './attempt-rows.ts'

/** Locks an attempt and its holder, in the order that everything takes them. Throws `not-found` for another account's or device's. */
export async function lockOwnAttempt(
  tx: PrivilegedTransaction,
  id: string,
  owner: { readonly userId: string; readonly deviceId: string },
): Promise<OwnAttempt> {
  const [own] = await lockOwn(tx, [id], owner)
  if (own === undefined) throw new AppError('not-found')
  return own
}
