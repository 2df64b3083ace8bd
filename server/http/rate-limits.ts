import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { CallerFacts } from '../context.ts'
import { type Bucket, takeFromBucket, takeFromBuckets } from '../rate-limits/buckets.ts'
import type { RateLimitName } from '../rate-limits/limits.ts'
import type { ServerServices } from '../services.ts'
import { networkOf } from './client-address.ts'
import { addressOf } from './request-facts.ts'

export { takeFromBucket }

/** The limits of single calls, by name of the call; those not named have only the limit by address. */
const CALL_LIMITS: Readonly<Record<string, readonly RateLimitName[]>> = {
  'delivery.init': ['init-by-user', 'init-day-by-user'],
}

/** Counts a call against its own limits. Throws `rate-limited`. Runs outside the call's transaction. */
export async function limitCall(
  { db, clock }: Pick<ServerServices, 'db' | 'clock'>,
  call: string,
  { userId }: CallerFacts,
): Promise<void> {
  const names = CALL_LIMITS[call]
  if (names === undefined || userId === null) return
  const buckets: Bucket[] = names.map((name) => ({ name, key: userId }))
  await takeFromBuckets(db, buckets, clock.now())
}

/** Counts every request against its network, whatever the route; health checks are free. */
export function limitByAddress(
  app: FastifyInstance,
  { db, config, clock }: Pick<ServerServices, 'db' | 'config' | 'clock'>,
): void {
  app.addHook('onRequest', async (request) => {
    if (request.url === '/healthz') return
    const address = addressOf(request, config)
    // A client that has gone already has no address any more, and gets no answer either.
    if (isIP(address) !== 0) await takeFromBucket(db, 'all-by-address', networkOf(address), clock.now())
  })
}
