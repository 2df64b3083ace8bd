import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, type ErrorCode } from '../../contract/errors.ts'
import type { ByteRange } from '../../contract/values.ts'
import { callersDevice, signedIn } from '../context.ts'
import {
  countBlock,
  endUse,
  endWithdrawnStreams,
  peekToken,
  type Redeemed,
  type Redeemer,
  recordRefusal,
  redeem,
  type StreamOutcome,
  type TokenFacts,
} from '../domains/delivery/public.ts'
import type { ServerServices } from '../services.ts'
import { parseRange, passesIfMatch, passesIfRange } from './byte-range.ts'
import { meteredStream } from './metered-stream.ts'
import { addressOf, dpopHeaders } from './request-facts.ts'

const PATH = '/api/download/file'
/** How often this process asks whether its streams may go on. */
const LOOK_EVERY_MS = 5_000
/** A connection that takes nothing for so long is cut; its client comes back for the rest. */
const STALLED_AFTER_MS = 60_000
const RETRY_SECONDS = 30

/** The bytes of what was bought: one GET of one range for each token. */
export function byteRoutes(app: FastifyInstance, services: ServerServices): void {
  app.head(PATH, (_request, reply) => {
    reply.header('allow', 'GET')
    throw new AppError('method-not-allowed', 'Ask with GET: looking would use the token up.')
  })
  app.get(PATH, { exposeHeadRoute: false }, (request, reply) => sendFile(services, request, reply))

  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    endWithdrawnStreams(services)
      .catch((error: unknown) => services.log.error({ err: error }, 'open streams could not be checked'))
      .finally(() => {
        isLooking = false
      })
  }, LOOK_EVERY_MS).unref()
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await services.streams.endAll()
  })
}

async function sendFile(services: ServerServices, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  reply.header('cache-control', 'private, no-store, no-transform')
  const { token = '' } = request.query as { token?: string | string[] }
  const downloadToken = typeof token === 'string' ? token : ''
  const caller = await services.auth.authenticate(
    {
      method: 'GET',
      path: PATH,
      authorization: request.headers.authorization,
      dpop: dpopHeaders(request),
      downloadToken,
      address: addressOf(request, services.config),
    },
    'device',
  )
  const redeemer = { userId: signedIn(caller).userId, deviceId: callersDevice(caller).id, address: caller.address }
  const facts = await peekToken(services, redeemer, downloadToken)
  const answer = facts === null || facts.isSpent ? null : await planAnswer(services, redeemer, facts, request, reply)
  const redeemed = await redeem(services, redeemer, downloadToken, answer?.range ?? facts?.range ?? [0, 0])
  if (facts === null || answer === null) throw new Error('A spent token was redeemed')
  const source = await openSource(services, redeemer, redeemed, facts, answer.range)
  return stream(services, redeemer, redeemed, { facts, answer, source }, reply)
}

interface Answer {
  readonly status: 200 | 206
  readonly range: ByteRange
}

/** What a request asks for, checked against the file and the store before the token is used up. */
async function planAnswer(
  services: ServerServices,
  redeemer: Redeemer,
  facts: TokenFacts,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  const refuse = async (code: ErrorCode, detail?: { retryAfterSeconds: number }): Promise<never> => {
    await recordRefusal(services, redeemer, { ...facts, code, range: null })
    throw new AppError(code, undefined, detail)
  }
  const { sizeBytes, objectKey } = facts
  const etag = etagOf(facts)
  if (!passesIfMatch(headers['if-match'], etag)) return refuse('content-changed')
  const ifRange = headers['if-range']
  const isRangeMeant = passesIfRange(typeof ifRange === 'string' ? ifRange : undefined, etag)
  const asked = parseRange(isRangeMeant ? headers.range : undefined, sizeBytes)
  if (asked.kind === 'unsatisfiable') {
    reply.header('content-range', `bytes */${sizeBytes}`)
    return refuse('range-not-satisfiable')
  }
  const stored = await services.objects.head(objectKey).catch((error: unknown) => {
    services.log.error({ err: error }, 'the object store does not answer')
    return null
  })
  if (stored?.sizeBytes !== sizeBytes) return refuse('storage-unavailable', { retryAfterSeconds: RETRY_SECONDS })
  return asked.kind === 'part' ? { status: 206, range: asked.range } : { status: 200, range: [0, sizeBytes - 1] }
}

async function openSource(
  services: ServerServices,
  redeemer: Redeemer,
  redeemed: Redeemed,
  { objectKey }: TokenFacts,
  [start, end]: ByteRange,
): Promise<Readable> {
  try {
    return await services.objects.read(objectKey, start, end)
  } catch (error) {
    await endUse(services, redeemer, redeemed, 'upstream_error')
    throw error
  }
}

function stream(
  services: ServerServices,
  redeemer: Redeemer,
  redeemed: Redeemed,
  { facts, answer, source }: { facts: TokenFacts; answer: Answer; source: Readable },
  reply: FastifyReply,
): FastifyReply {
  const { log, streams } = services
  const [start, end] = answer.range
  const meter = meteredStream(end - start + 1, (bytes) => countBlock(services, redeemer, redeemed, bytes))
  let cause: StreamOutcome = 'client_gone'
  meter.once('error', (error) => {
    cause = error instanceof AppError && error.code === 'attempt-closed' ? 'revoked' : 'upstream_error'
  })
  source.once('error', (error) =>
    meter.destroy(new AppError('storage-unavailable', undefined, undefined, { cause: error })),
  )
  meter.once('close', () => source.destroy())
  source.pipe(meter)

  const { raw } = reply
  const closed = (raw.destroyed ? Promise.resolve() : once(raw, 'close'))
    .then(async () => {
      meter.destroy()
      await endUse(services, redeemer, redeemed, raw.writableFinished ? 'complete' : cause)
    })
    .catch((error: unknown) =>
      log.error({ err: error, tokenId: redeemed.tokenId }, 'the end of a stream could not be written down'),
    )
  streams.add({
    ...redeemed,
    closed,
    end() {
      if (!raw.writableFinished) cause = 'revoked'
      raw.destroy()
    },
  })
  raw.setTimeout(STALLED_AFTER_MS, () => raw.destroy())
  return reply.code(answer.status).headers(headersOf(facts, answer)).send(meter)
}

function headersOf(facts: TokenFacts, { status, range: [start, end] }: Answer): Record<string, string | number> {
  const digest = Buffer.from(facts.objectSha256, 'hex').toString('base64')
  return {
    'content-type': facts.mimeType,
    'content-length': end - start + 1,
    ...(status === 206 ? { 'content-range': `bytes ${start}-${end}/${facts.sizeBytes}` } : {}),
    'accept-ranges': 'bytes',
    etag: etagOf(facts),
    'repr-digest': `sha-256=:${digest}:`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-disposition': `attachment; filename*=UTF-8''${extendedValue(facts.fileName ?? 'download')}`,
  }
}

function etagOf({ objectSha256 }: TokenFacts): string {
  return `"sha256-${objectSha256}"`
}

/** A header parameter in UTF-8 (RFC 8187). */
function extendedValue(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
