import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { Database } from '../db/database.ts'
import { inServerTransaction, type PrivilegedTransaction } from '../db/transaction.ts'
import { RATE_LIMITS, type RateLimitName } from './limits.ts'
import { addHit, deleteWindows, removeHit } from './rows.ts'

/** One limit and whom it counts: an account, a device, an address. */
export interface Bucket {
  readonly name: RateLimitName
  readonly key: string
}

/**
 * Counts one hit in each bucket, in a transaction of its own, so that a refusal of the request takes nothing back.
 * Throws `rate-limited` with `retryAfterSeconds` when one is full; the database counts, so all server processes share the limit.
 */
export async function takeFromBuckets(db: Database, buckets: readonly Bucket[], now: number): Promise<void> {
  const refusal = await inServerTransaction(db, async (tx) => {
    for (const bucket of buckets) {
      const limited = await takeWithin(tx, bucket, 1, now)
      if (limited !== null) return limited
    }
    return null
  })
  if (refusal !== null) throw refusal
}

/** The same for one bucket. `now` in ms. */
export async function takeFromBucket(db: Database, name: RateLimitName, key: string, now: number): Promise<void> {
  await takeFromBuckets(db, [{ name, key }], now)
}

/**
 * Counts `count` hits inside a transaction that is committed whatever comes of them: a full bucket is answered, not thrown,
 * and counts none of them. `now` in ms.
 */
export async function takeWithin(
  tx: PrivilegedTransaction,
  bucket: Bucket,
  count: number,
  now: number,
): Promise<AppError | null> {
  const { hits, windowMs } = RATE_LIMITS[bucket.name]
  const isTaken = await addHit(tx, { ...windowOf(bucket, now, windowMs), most: hits, count })
  return isTaken ? null : limited(bucket.name, windowMs, now)
}

function limited(limit: RateLimitName, windowMs: number, now: number): AppError {
  return new AppError('rate-limited', undefined, {
    retryAfterSeconds: Math.ceil((windowMs - (now % windowMs)) / 1000),
    limit,
  })
}

/** Gives back the hit that a request took, once it has shown that it was no abuse. */
export async function giveBack(db: Database, buckets: readonly Bucket[], takenAt: number): Promise<void> {
  await inServerTransaction(db, async (tx) => {
    for (const bucket of buckets) await removeHit(tx, windowOf(bucket, takenAt, RATE_LIMITS[bucket.name].windowMs))
  })
}

/** Deletes counters that no limit looks at any more. Answers how many. */
export async function sweepBuckets(db: Database, now: number): Promise<number> {
  const longest = Math.max(...Object.values(RATE_LIMITS).map(({ windowMs }) => windowMs))
  return inServerTransaction(db, (tx) => deleteWindows(tx, new Date(now - longest)))
}

/** The counter's name and window. Keys are hashed: the table shall not be a list of who signed in from where. */
function windowOf({ name, key }: Bucket, now: number, windowMs: number): { bucket: string; windowStart: Date } {
  const hash = createHash('sha256').update(key).digest('base64url')
  return { bucket: `${name}:${hash}`, windowStart: new Date(now - (now % windowMs)) }
}
