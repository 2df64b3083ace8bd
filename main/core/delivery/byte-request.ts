import type { Agent as HttpAgent, IncomingMessage } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import got, { type Request } from 'got'
import { delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { Network, SignedRequests } from '../needs.ts'
import type { Clock } from '../ports.ts'
import { toConnectionError } from '../server/connection-error.ts'
import { readAnswer } from '../server/read-answer.ts'
import { type AskedBytes, judgeAnswer, toHeaderValues } from './answer-rules.ts'
import { type BodyQueue, queueBody } from './body-queue.ts'
import type { TransferTimings } from './timings.ts'

const PATH = delivery.init.path.replace(/init$/, 'file')
const LARGEST_PROBLEM = 64 * 1024

export interface ByteRequestNeeds {
  readonly clock: Clock
  readonly signed: SignedRequests
  readonly network: Network
  readonly agent: { readonly http: HttpAgent; readonly https: HttpsAgent }
  readonly timings: TransferTimings
}

/** Bytes that may be written: the offset of the first, and the chunks that follow one another from there. */
export type TakeBytes = (start: number, chunks: AsyncIterable<Buffer>) => Promise<void>

/**
 * Fetches one range with one download token and hands its bytes on as they come; ends when exactly the announced number has come.
 * Answers `whole` when the server ignores ranges: then nothing was handed on. A stale nonce and an ended session are cured once each.
 * Throws what the server says, `offline` for a connection that breaks or stalls, `corrupt-source` for an answer that can not be right.
 */
export async function requestBytes(
  needs: ByteRequestNeeds,
  request: { readonly token: string; readonly asked: AskedBytes; readonly signal: AbortSignal },
  take: TakeBytes,
): Promise<'taken' | 'whole'> {
  const cured = new Set<string>()
  for (;;) {
    try {
      return await requestOnce(needs, request, take)
    } catch (error) {
      const code = error instanceof AppError ? error.code : null
      if ((code !== 'use-dpop-nonce' && code !== 'not-signed-in') || cured.has(code)) throw error
      cured.add(code)
      if (code === 'not-signed-in') await needs.signed.renewSession()
    }
  }
}

async function requestOnce(
  needs: ByteRequestNeeds,
  { token, asked, signal }: { readonly token: string; readonly asked: AskedBytes; readonly signal: AbortSignal },
  take: TakeBytes,
): Promise<'taken' | 'whole'> {
  const signatures = await needs.signed.headers({ method: 'GET', path: PATH, downloadToken: token })
  signal.throwIfAborted()
  const stream = got.stream(`${needs.signed.address()}${PATH}?token=${encodeURIComponent(token)}`, {
    headers: {
      'user-agent': 'MixMint',
      ...signatures,
      'accept-encoding': 'identity',
      range: `bytes=${asked.start}-${asked.end}`,
      'if-match': asked.etag,
    },
    decompress: false,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    agent: needs.agent,
    timeout: {
      lookup: needs.timings.connectMs,
      connect: needs.timings.connectMs,
      secureConnect: needs.timings.connectMs,
    },
  })
  const end = () => stream.destroy()
  signal.addEventListener('abort', end, { once: true })
  try {
    const response = await headersOf(stream, needs)
    needs.signed.noteAnswer(response.headers)
    const status = response.statusCode ?? 0
    const judged = judgeAnswer(status, toHeaderValues(response.rawHeaders), asked)
    if (judged.kind === 'whole') return 'whole'
    if (judged.kind === 'problem') {
      readAnswer({ status, headers: response.headers, body: await problemBody(stream, needs) })
      throw new AppError('corrupt-source', undefined, { why: 'unexpected-status' })
    }
    needs.network.report('reached')
    await take(judged.start, counted(chunksOf(stream, needs), judged.end - judged.start + 1))
    return 'taken'
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', end)
    stream.destroy()
  }
}

/** The answer's headers, within the header time. */
function headersOf(stream: Request, { clock, timings, network }: ByteRequestNeeds): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let isSettled = false
    const settle = (outcome: () => void) => {
      stop()
      if (!isSettled) outcome()
      isSettled = true
    }
    const unreached = (reason: AppError) => {
      if (reason.code === 'offline') network.report('unreachable')
      return reason
    }
    const stop = clock.after(timings.headersMs, () => settle(() => reject(unreached(brokenBy('no-headers')))))
    stream.once('response', (response: IncomingMessage) => settle(() => resolve(response)))
    stream.once('close', () => settle(() => reject(brokenBy('closed'))))
    // Stays for as long as the stream lives: an error with nobody listening would end the process.
    stream.on('error', (error) => {
      settle(() => reject(unreached(toTransferError(error))))
    })
  })
}

/** The chunks of a body; throws `offline` when none comes for the idle time, or too few over the rate window. Only waiting counts. */
async function* chunksOf(stream: Request, { clock, timings }: ByteRequestNeeds): AsyncGenerator<Buffer> {
  const body = queueBody(stream)
  let waitedMs = 0
  let bytes = 0
  for (;;) {
    const began = clock.monotonic()
    const chunk = await withinIdle(body, stream, clock, timings.idleMs)
    if (chunk === null) return
    waitedMs += clock.monotonic() - began
    bytes += chunk.length
    if (waitedMs >= timings.rateWindowMs) {
      if (bytes < (timings.slowestBytesPerSecond * waitedMs) / 1000) throw brokenBy('too-slow')
      waitedMs = 0
      bytes = 0
    }
    yield chunk
  }
}

async function withinIdle(body: BodyQueue, stream: Request, clock: Clock, idleMs: number): Promise<Buffer | null> {
  let isIdle = false
  const stop = clock.after(idleMs, () => {
    isIdle = true
    stream.destroy()
  })
  try {
    return await body.next()
  } catch (error) {
    throw isIdle ? brokenBy('idle') : toTransferError(error)
  } finally {
    stop()
  }
}

/** Lets exactly `length` bytes through: fewer are a broken connection, more are not ours. */
async function* counted(chunks: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let came = 0
  for await (const chunk of chunks) {
    came += chunk.length
    if (came > length) throw new AppError('corrupt-source', undefined, { why: 'more-than-announced' })
    yield chunk
  }
  if (came < length) throw brokenBy('cut')
}

async function problemBody(stream: Request, needs: ByteRequestNeeds): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunksOf(stream, needs)) {
    bytes += chunk.length
    if (bytes > LARGEST_PROBLEM) break
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}

function toTransferError(error: unknown): AppError {
  const reason = toConnectionError(error)
  const cause = reason.detail?.['cause']
  return typeof cause === 'string' && cause.startsWith('HPE_')
    ? new AppError('corrupt-source', undefined, { cause })
    : reason
}

function brokenBy(cause: string): AppError {
  return new AppError('offline', 'The connection broke off', { cause })
}
