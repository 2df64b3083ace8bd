import got from 'got'
import { AppError } from '../../../contract/errors.ts'
import { toConnectionError } from './connection-error.ts'
import type { AgentsFor } from './proxy-agents.ts'

const TIMEOUTS_MS = { connect: 10_000, secureConnect: 10_000, response: 30_000, request: 60_000 }
/** The largest answer of a call, in bytes. */
const LARGEST_ANSWER = 16 * 1024 * 1024

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON text. */
  readonly body?: string
  /** The way to the server; left out: straight. */
  readonly agentsFor?: AgentsFor
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/**
 * One HTTP exchange: no redirects, no content coding. Any status is an answer. A read whose kept-alive connection the server has just closed is
 * sent again once (RFC 9110 §9.2.2); nothing else is.
 * Throws `offline` when none came, `untrusted-server` for a certificate that does not hold, `proxy-refused`, `too-large` over 16 MiB.
 */
export async function httpRequest(request: HttpRequest): Promise<HttpAnswer> {
  try {
    return await exchange(request)
  } catch (error) {
    if (request.method !== 'GET' || !isCutConnection(error)) throw error
    return await exchange(request)
  }
}

async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const stop = new AbortController()
  const agent = request.agentsFor?.(request.url)
  const pending = got(request.url, {
    method: request.method,
    headers: { 'user-agent': 'MixMint', ...request.headers, 'accept-encoding': 'identity' },
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(agent === undefined ? {} : { agent }),
    responseType: 'buffer',
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    retry: { limit: 0 },
    timeout: TIMEOUTS_MS,
    signal: stop.signal,
  })
  void pending.on('downloadProgress', ({ transferred }) => {
    if (transferred > LARGEST_ANSWER) stop.abort()
  })
  try {
    const { statusCode, headers, body } = await pending
    if (statusCode === 407) throw new AppError('proxy-refused', undefined, { status: 407 })
    return { status: statusCode, headers, body: Buffer.from(body) }
  } catch (error) {
    if (error instanceof AppError) throw error
    if (stop.signal.aborted) throw new AppError('too-large', 'The answer of the server is too large')
    throw toConnectionError(error)
  }
}

function isCutConnection(error: unknown): boolean {
  const cause = error instanceof AppError ? error.detail?.['cause'] : undefined
  return cause === 'ECONNRESET' || cause === 'EPIPE'
}
