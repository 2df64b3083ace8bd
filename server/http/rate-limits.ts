import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CallerFacts } from '../context.ts'
import type { PrivilegedTransaction } from '../db/transaction.ts'
import { type Bucket, takeAllWithin, takeFromBucket } from '../rate-limits/buckets.ts'
import type { RateLimitName } from '../rate-limits/limits.ts'
import type { ServerServices } from '../services.ts'
import { networkOf } from './client-address.ts'
import { addressOf } from './request-facts.ts'

export { takeFromBucket }

/** The limits of single calls, by name of the call; those not named have only the limit by address. */
const CALL_LIMITS: Readonly<Record<string, readonly RateLimitName[]>> = {
  'delivery.init': ['init-by-user', 'init-day-by-user'],
}

/** Counts a call against its own limits. Throws `rate-limited`. `now` in ms. Runs outside the call's transaction, in one that is committed. */
export async function limitCall(
  tx: PrivilegedTransaction,
  call: string,
  { userId }: CallerFacts,
  now: number,
): Promise<void> {
  const names = CALL_LIMITS[call]
  if (names === undefined || userId === null) return
  const buckets: Bucket[] = names.map((name) => ({ name, key: userId }))
  const refusal = await takeAllWithin(tx, buckets, now)
  if (refusal !== null) throw refusal
}

/** The network that a request counts for; undefined when its client has gone already and has no address any more. */
export function networkOfRequest(request: FastifyRequest, config: ServerServices['config']): { network?: string } {
  const address = addressOf(request, config)
  return isIP(address) === 0 ? {} : { network: networkOf(address) }
}

/** Routes with this mark count their network themselves, where they establish their caller. */
export const COUNTS_ITSELF = { countsItself: true } as const

/** Counts every request against its network, whatever the route; health checks are free. */
export function limitByAddress(
  app: FastifyInstance,
  { db, config, clock }: Pick<ServerServices, 'db' | 'config' | 'clock'>,
): void {
  app.addHook('onRequest', async (request) => {
    if (request.url === '/healthz') return
    if ('countsItself' in request.routeOptions.config) return
    const { network } = networkOfRequest(request, config)
    if (network !== undefined) await takeFromBucket(db, 'all-by-address', network, clock.now())
  })
}
