import type { FastifyRequest } from 'fastify'
import type { ServerConfig } from '../config.ts'
import { clientAddress } from './client-address.ts'

/** Every `DPoP` header of the request; Node joins equal headers, so the raw list is read. RFC 9449 §4.3 allows exactly one. */
export function dpopHeaders(request: FastifyRequest): readonly string[] {
  const { rawHeaders } = request.raw
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'dpop')
}

/** The client's address; forwarded headers count only from configured proxies. */
export function addressOf(request: FastifyRequest, config: Pick<ServerConfig, 'trustedProxies'>): string {
  return clientAddress(
    request.raw.socket.remoteAddress ?? '',
    request.headers['x-forwarded-for'],
    config.trustedProxies,
  )
}
