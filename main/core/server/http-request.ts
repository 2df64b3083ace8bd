import http from 'node:http'
import https from 'node:https'
import { AppError } from '../../../contract/errors.ts'
import { toConnectionError } from './connection-error.ts'
import type { AgentsFor } from './proxy-agents.ts'

/** How long each step may take, in milliseconds: a connection with its TLS, the head of the answer, and all of it. */
export const REQUEST_LIMITS = { connectionMs: 15_000, headMs: 30_000, wholeMs: 60_000 }
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
  readonly limits?: typeof REQUEST_LIMITS
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
  const limits = request.limits ?? REQUEST_LIMITS
  const stop = new AbortController()
  const giveUpAfter = (ms: number) => setTimeout(() => stop.abort(timedOut()), ms)
  const whole = giveUpAfter(limits.wholeMs)
  let step = giveUpAfter(limits.connectionMs)
  try {
    const outgoing = begin(request, stop.signal)
    const response = await headOf(outgoing, () => {
      clearTimeout(step)
      step = giveUpAfter(limits.headMs)
    })
    clearTimeout(step)
    const body = await bodyOf(response)
    if (response.statusCode === 407) throw new AppError('proxy-refused', undefined, { status: 407 })
    return { status: response.statusCode ?? 0, headers: response.headers, body }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw toConnectionError(stop.signal.aborted ? stop.signal.reason : error)
  } finally {
    clearTimeout(step)
    clearTimeout(whole)
  }
}

function begin({ method, url, headers, body, agentsFor }: HttpRequest, signal: AbortSignal): http.ClientRequest {
  const isSecure = url.startsWith('https:')
  const agents = agentsFor?.(url)
  const options = {
    method,
    headers: {
      'user-agent': 'MixMint',
      ...headers,
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      'accept-encoding': 'identity',
    },
    signal,
  }
  const outgoing = isSecure
    ? https.request(url, { ...options, agent: agents?.https })
    : http.request(url, { ...options, agent: agents?.http })
  outgoing.end(body)
  return outgoing
}

/** The head of the answer; `onConnected` hears when there is a connection, new or kept. */
async function headOf(outgoing: http.ClientRequest, onConnected: () => void): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  outgoing.once('socket', (socket) => {
    if (socket.connecting) socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', onConnected)
    else onConnected()
  })
  outgoing.once('response', resolve)
  // It stays: the failure of a body that is under way comes here too.
  outgoing.on('error', reject)
  return await promise
}

async function bodyOf(response: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > LARGEST_ANSWER) throw new AppError('too-large', 'The answer of the server is too large')
    parts.push(part)
  }
  return Buffer.concat(parts, size)
}

function timedOut(): Error {
  return Object.assign(new Error('No answer in time'), { code: 'ETIMEDOUT' })
}

function isCutConnection(error: unknown): boolean {
  const cause = error instanceof AppError ? error.detail?.['cause'] : undefined
  return cause === 'ECONNRESET' || cause === 'EPIPE'
}
