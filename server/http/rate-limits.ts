import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Parsed } from '../../contract/call.ts'
import type { delivery } from '../../contract/delivery.ts'
import { type Bucket, takeFromBucket } from '../rate-limits/buckets.ts'
import type { ServerServices } from '../services.ts'
import { networkOf } from './client-address.ts'
import { addressOf } from './request-facts.ts'

/** What single calls count beside their network, by name of the call. */
const CALL_LIMITS: Readonly<Record<string, (caller: CountedCaller, input: unknown) => readonly Bucket[]>> = {
  'delivery.init': ({ userId, thumbprint }, input) => {
    const { want } = input as Parsed<typeof delivery.init>
    const tokens: Bucket = { name: 'tokens-by-device', key: thumbprint, count: want.length }
    return [
      { name: 'init-by-user', key: userId },
      { name: 'init-day-by-user', key: userId },
      ...(want.length === 0 ? [] : [tokens]),
    ]
  },
}

interface CountedCaller {
  readonly userId: string
  readonly thumbprint: string
}

/** What a call with this (checked) input counts against its own limits. */
export function bucketsOfCall(call: string, caller: CountedCaller, input: unknown): readonly Bucket[] {
  return CALL_LIMITS[call]?.(caller, input) ?? []
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
