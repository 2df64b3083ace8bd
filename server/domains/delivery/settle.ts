import type { Database } from '../../db/database.ts'
import { asCaller, asServer, type PrivilegedTransaction, type ServerTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../ports.ts'
import { lockAttempt, lockHolder, selectAttempt, selectEnded } from './attempt-rows.ts'
import { endingOf, isOpen } from './rules.ts'
import { settleAttempt } from './settle-attempt.ts'
import { deleteExpiredProofs, deleteUnusedTokens } from './sweep-rows.ts'
import { closeToken, selectLost } from './token-rows.ts'

const BATCH = 100
/** Longer than any stream may stand still before its connection is cut. */
const LOST_AFTER_SECONDS = 15 * 60
/** Unused tokens are kept this long, so that their refusals can be told apart. */
const TOKEN_KEPT_DAYS = 7

/**
 * Ends the attempts whose window has passed, whose device was removed or whose access was withdrawn, gives back what dead
 * streams had reserved, and deletes old proofs and unused tokens. It only tidies up: every call does this for what it touches.
 * Answers how many attempts ended.
 */
export async function settleExpiredAttempts(db: Database, clock: Clock): Promise<number> {
  const server = <T>(work: (tx: PrivilegedTransaction) => Promise<T>): Promise<T> =>
    asCaller(db, { role: 'anon' }, (tx) => asServer(tx, work), { clock })
  let settled = 0
  for (;;) {
    const before = settled
    const ended = await server((tx) => selectEnded(tx, BATCH))
    for (const { id, isOfRevokedDevice } of ended)
      if (await server((tx) => settleOne(tx, id, isOfRevokedDevice, clock.now()))) settled += 1
    // Without progress the rest waits for the next run: this process's clock may be a little behind the database's.
    if (ended.length < BATCH || settled === before) break
  }
  for (const tokenId of await server((tx) => selectLost(tx, LOST_AFTER_SECONDS)))
    await server((tx) => closeToken(tx, tokenId, 'lost'))
  await server(deleteExpiredProofs)
  await asCaller(db, { role: 'service_role' }, (tx: ServerTransaction) => deleteUnusedTokens(tx, TOKEN_KEPT_DAYS), {
    clock,
  })
  return settled
}

async function settleOne(
  tx: PrivilegedTransaction,
  id: string,
  isOfRevokedDevice: boolean,
  now: number,
): Promise<boolean> {
  const found = await selectAttempt(tx, id)
  if (found === null) return false
  await lockHolder(tx, found)
  const attempt = await lockAttempt(tx, id)
  if (attempt === null || !isOpen(attempt)) return false
  const ending = endingOf(attempt, [], now) ?? (isOfRevokedDevice ? 'device-revoked' : null)
  if (ending === null) return false
  await settleAttempt(tx, attempt, ending, now)
  return true
}
