import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, type ErrorCode } from '../../contract/errors.ts'
import type { ByteRange } from '../../contract/values.ts'
import { callersDevice, signedIn } from '../context.ts'
import {
  countBlock,
  EndedUses,
  endUse,
  endWithdrawnStreams,
  type Redeemed,
  type Redeemer,
  recordRefusal,
  redeem,
  type StreamOutcome,
  type TokenFacts,
  TokenLook,
} from '../domains/delivery/public.ts'
import type { ObjectStore, OpenObject } from '../ports.ts'
import type { ServerServices } from '../services.ts'
import { ByteAllowance, FIRST_BLOCK_BYTES } from './byte-allowance.ts'
import { parseRange, passesIfMatch, passesIfRange } from './byte-range.ts'
import { type ByteSource, fileSource, storeSource } from './byte-source.ts'
import { COUNTS_ITSELF, networkOfRequest } from './rate-limits.ts'
import { ReadBuffers } from './read-buffers.ts'
import { addressOf, dpopHeaders } from './request-facts.ts'
import { sendBytes } from './send-bytes.ts'

const PATH = '/api/download/file'
/** How often this process asks whether its streams may go on, ms. */
const LOOK_EVERY_MS = 5_000
/** A connection that takes nothing for so long, ms, is cut; its client comes back for the rest. */
const STALLED_AFTER_MS = 60_000
/** When a client is asked to come back for bytes that the store does not have now. */
const RETRY_SECONDS = 30

/** The bytes of what was bought: one GET of one range for each token. */
export function byteRoutes(app: FastifyInstance, services: ServerServices): void {
  app.head(PATH, (_request, reply) => {
    reply.header('allow', 'GET')
    throw new AppError('method-not-allowed', 'Ask with GET: looking would use the token up.')
  })
  const sending: Sending = { ...services, buffers: new ReadBuffers(), ended: new EndedUses(services) }
  app.get(PATH, { exposeHeadRoute: false, config: COUNTS_ITSELF }, (request, reply) =>
    sendFile(sending, request, reply),
  )

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
    const ending = services.streams.endAll()
    await sending.ended.flush()
    await ending
  })
}

interface Sending extends ServerServices {
  readonly buffers: ReadBuffers
  readonly ended: EndedUses
}

async function sendFile(services: Sending, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  reply.header('cache-control', 'private, no-store, no-transform')
  const { token = '' } = request.query as { token?: string | string[] }
  const downloadToken = typeof token === 'string' ? token : ''
  const look = new TokenLook(downloadToken, services.clock.now())
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
    { ...networkOfRequest(request, services.config), look },
  )
  const redeemer: Redeemer = {
    userId: signedIn(caller).userId,
    deviceId: callersDevice(caller).id,
    address: caller.address,
  }
  const facts = look.facts(redeemer)
  const answer = facts === null || facts.isSpent ? null : await planAnswer(services, redeemer, facts, request, reply)
  // Read while the database works; nothing is sent of it before the token is used.
  const opened = answer?.file == null ? null : fileSource(answer.file, services.buffers, answer.range)
  const use = { range: answer?.range ?? facts?.range ?? [0, 0], count: FIRST_BLOCK_BYTES } as const
  try {
    const redeemed = await redeem(services, redeemer, downloadToken, use)
    if (facts === null || answer === null) throw new Error('A spent token was redeemed')
    const source = await openRedeemed(services, redeemer, redeemed, opened, facts, answer.range)
    return stream(services, redeemer, redeemed, { facts, answer, source }, reply)
  } catch (error) {
    await opened?.close()
    throw error
  }
}

interface Answer {
  readonly status: 200 | 206
  readonly range: ByteRange
  /** Open, where the store has files. */
  readonly file: OpenObject | null
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
  const stored = await lookAt(services.objects, objectKey).catch((error: unknown) => {
    services.log.error({ err: error }, 'the object store does not answer')
    return null
  })
  const file = stored?.file ?? null
  if (stored?.sizeBytes !== sizeBytes) {
    await file?.close()
    return refuse('storage-unavailable', { retryAfterSeconds: RETRY_SECONDS })
  }
  return asked.kind === 'part'
    ? { status: 206, range: asked.range, file }
    : { status: 200, range: [0, sizeBytes - 1], file }
}

/** The size of an object, with the object itself, open, where the store has files; null when there is none. */
async function lookAt(
  objects: ObjectStore,
  key: string,
): Promise<{ readonly sizeBytes: number; readonly file: OpenObject | null } | null> {
  const file = await objects.open?.(key)
  if (file !== undefined) return { sizeBytes: file.sizeBytes, file }
  const stored = await objects.head(key)
  return stored === null ? null : { sizeBytes: stored.sizeBytes, file: null }
}

/** Opens the bytes of a token that was used; when that fails, nothing was sent of what was counted. */
async function openRedeemed(
  services: Sending,
  redeemer: Redeemer,
  redeemed: Redeemed,
  opened: ByteSource | null,
  { objectKey }: TokenFacts,
  range: ByteRange,
): Promise<ByteSource> {
  try {
    const source = opened ?? (await storeSource(services.objects, objectKey, range))
    await source.begun
    return source
  } catch (error) {
    const unsent = Math.min(FIRST_BLOCK_BYTES, lengthOf(range))
    await endUse(services, redeemer, redeemed, { outcome: 'upstream_error', unsent })
    throw error
  }
}

function stream(
  services: Sending,
  redeemer: Redeemer,
  redeemed: Redeemed,
  { facts, answer, source }: { facts: TokenFacts; answer: Answer; source: ByteSource },
  reply: FastifyReply,
): FastifyReply {
  const { log, streams } = services
  const { raw } = reply
  const length = lengthOf(answer.range)
  const allowance = new ByteAllowance(length, (bytes) => countBlock(services, redeemed, bytes))
  let cause: StreamOutcome = 'client_gone'
  // The bytes go to the socket without a stream in between, whose buffers could not be used again.
  reply.hijack()
  const headers = { ...reply.getHeaders(), ...headersOf(facts, answer) }
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(answer.status)
  raw.setTimeout(STALLED_AFTER_MS, () => raw.destroy())
  const closed = sendBytes(raw, source, allowance, length)
    .catch((error: unknown) => {
      const isRevoked = error instanceof AppError && error.code === 'attempt-closed'
      cause = isRevoked ? 'revoked' : 'upstream_error'
      if (!isRevoked) log.error({ err: error, tokenId: redeemed.tokenId }, 'a file could not be sent to its end')
    })
    .then(async () => {
      await allowance.settle()
      const { unsent } = allowance
      const outcome = raw.writableFinished ? 'complete' : cause
      const isWhole = outcome === 'complete' && unsent === 0
      if (isWhole && (await services.ended.add(redeemed.tokenId))) return
      await endUse(services, redeemer, redeemed, { outcome, unsent })
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
  return reply
}

function lengthOf([start, end]: ByteRange): number {
  return end - start + 1
}

function headersOf(facts: TokenFacts, { status, range: [start, end] }: Answer): Record<string, string | number> {
  const digest = Buffer.from(facts.objectSha256, 'hex').toString('base64')
  return {
    'content-type': facts.mimeType,
    'content-length': lengthOf([start, end]),
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
