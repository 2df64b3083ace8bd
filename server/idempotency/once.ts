import { createHash } from 'node:crypto'
import { AppError, ERRORS, toFailure } from '../../contract/errors.ts'
import type { Database } from '../db/database.ts'
import { asCaller, asServer, type ServerTransaction } from '../db/transaction.ts'
import type { Clock, Random } from '../ports.ts'
import { claimKey, type IdempotencyKey, keepAnswer, releaseKey, type StoredAnswer } from './rows.ts'

const LEASE_MS = 60_000
const KEPT_MS = 24 * 60 * 60_000

/**
 * Runs `work` once for a key: the same key and input later give the first answer, success or refusal alike, for 24 h.
 * Throws `idempotency-mismatch` for another input and `idempotency-in-progress` while the first still runs; failures
 * that may pass later are not kept. Source: draft-ietf-httpapi-idempotency-key-header.
 */
export async function once(
  { db, clock, random }: { db: Database; clock: Clock; random: Random },
  key: IdempotencyKey,
  input: unknown,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const inServer = <T>(fn: (tx: ServerTransaction) => Promise<T>): Promise<T> =>
    asCaller(db, { role: 'anon' }, (tx) => asServer(tx, fn), { clock })
  const fingerprint = createHash('sha256').update(JSON.stringify(input)).digest('hex')
  const now = clock.now()
  const claim = {
    fingerprint,
    owner: random.uuid(),
    now: new Date(now),
    leaseUntil: new Date(now + LEASE_MS),
    expiresAt: new Date(now + KEPT_MS),
  }
  const earlier = await inServer((tx) => claimKey(tx, key, claim))
  if (earlier !== null) return answerOf(earlier, fingerprint)
  try {
    const value = await work()
    await inServer((tx) => keepAnswer(tx, key, 200, value))
    return value
  } catch (error) {
    if (error instanceof AppError && ERRORS[error.code].retry === 'never')
      await inServer((tx) => keepAnswer(tx, key, ERRORS[error.code].status, toFailure(error)))
    else await inServer((tx) => releaseKey(tx, key))
    throw error
  }
}

function answerOf({ fingerprint, status, response }: StoredAnswer, wanted: string): unknown {
  if (fingerprint !== wanted) throw new AppError('idempotency-mismatch')
  if (status === null) throw new AppError('idempotency-in-progress', undefined, { retryAfterSeconds: 1 })
  if (status === 200) return response
  const { code, message, detail } = response as ReturnType<typeof toFailure>
  throw new AppError(code, message, detail)
}
