import type { FastifyInstance } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import type { ServerConfig } from '../config.ts'

const LOOPBACK_NAMES = /^(127\.0\.0\.\d{1,3}|localhost|\[::1\])(:\d{1,5})?$/i

/**
 * In local mode answers only for loopback names, so that a page of another site whose name points here reads nothing.
 * Throws `wrong-host` before any route.
 */
export function hostCheck(
  app: FastifyInstance,
  { mode, publicOrigin }: Pick<ServerConfig, 'mode' | 'publicOrigin'>,
): void {
  const publicHost = new URL(publicOrigin).host
  app.addHook('onRequest', async (request) => {
    const host = request.headers.host ?? ''
    const isOurs = host === publicHost || (mode === 'local' && LOOPBACK_NAMES.test(host))
    if (!isOurs && request.url !== '/healthz') throw new AppError('wrong-host')
  })
}
