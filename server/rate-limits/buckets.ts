import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { Database } from '../db/database.ts'
import { inServerTransaction, type PrivilegedTransaction } from '../db/transaction.ts'
import { RATE_LIMITS, type RateLimitName } from './limits.ts'
import { addHit, addHits, deleteWindows, type Hit, removeHit } from './rows.ts'

/** One limit and whom it counts: an account, a device, an address. */
export interface Bucket {
  readonly name: RateLimitName
  readonly key: string
  /** Hits that it takes at once; left out: one. */
  readonly count?: number
}

/** The hits of a bucket at `now` (ms), for a statement that counts them beside other things. */
export function hitOf(bucket: Bucket, now: number): Hit {
  const { hits, windowMs } = RATE_LIMITS[bucket.name]
  return { ...windowOf(bucket, now, windowMs), count: bucket.count ?? 1, most: hits }
}

/** The refusal of a bucket that is full at `now` (ms). */
export function refusalOf({ name }: Pick<Bucket, 'name'>, now: number): AppError {
  const { windowMs } = RATE_LIMITS[name]
  return new AppError('rate-limited', undefined, {
    retryAfterSeconds: Math.ceil((windowMs - (now % windowMs)) / 1000),
    limit: name,
  })
}

/**
 * Counts one hit in each bucket, in a transaction of its own, so that a refusal of the request takes nothing back.
 * Throws `rate-limited` with `retryAfterSeconds` when one is full; the database counts, so all server processes share the limit.
 */
export async function takeFromBuckets(db: Database, buckets: readonly Bucket[], now: number): Promise<void> {
  const refusal = await inServerTransaction(db, (tx) => takeAllWithin(tx, buckets, now), { isDurable: false })
  if (refusal !== null) throw refusal
}

/**
 * Counts one hit in each bucket inside a transaction that is committed whatever comes of them; when one is full it is answered, and
 * none counts. `now` in ms.
 */
export async function takeAllWithin(
  tx: PrivilegedTransaction,
  buckets: readonly Bucket[],
  now: number,
): Promise<AppError | null> {
  const hits = buckets.map((bucket) => hitOf(bucket, now))
  const taken = await addHits(tx, hits)
  const full = buckets.find((_, index) => !taken.has(hits[index]?.bucket ?? ''))
  if (full === undefined) return null
  for (const hit of hits) if (taken.has(hit.bucket)) await removeHit(tx, hit)
  return refusalOf(full, now)
}

/** The same for one bucket. `now` in ms. */
export async function takeFromBucket(db: Database, name: RateLimitName, key: string, now: number): Promise<void> {
  await takeFromBuckets(db, [{ name, key }], now)
}

/**
 * Counts a hit inside a transaction that is committed whatever comes of it: a full bucket is answered, not thrown. `now` in ms.
 */
export async function takeWithin(tx: PrivilegedTransaction, bucket: Bucket, now: number): Promise<AppError | null> {
  const isTaken = await addHit(tx, hitOf(bucket, now))
  return isTaken ? null : refusalOf(bucket, now)
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
