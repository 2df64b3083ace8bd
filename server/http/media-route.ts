import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { asCaller } from '../db/transaction.ts'
import { type PublicObject, publicObject } from '../domains/catalogue/public.ts'
import type { ServerServices } from '../services.ts'
import { parseRange, passesIfRange } from './byte-range.ts'

/** What may be read under each kind: a hash of one kind opens nothing under another. */
const KINDS: Readonly<Record<string, RegExp>> = {
  cover: /^image\//,
  portrait: /^image\//,
  preview: /^audio\//,
  peaks: /^application\/octet-stream$/,
}

type MediaParams = { Params: { kind: string; sha256: string } }
type MediaRequest = FastifyRequest<MediaParams>
type MediaServices = Pick<ServerServices, 'db' | 'objects'>

/** `GET /media/<kind>/<sha256>`: covers, portraits, previews and waveforms, which anybody may read and keep for ever. */
export function mediaRoutes(app: FastifyInstance, services: MediaServices): void {
  app.route<MediaParams>({
    method: ['GET', 'HEAD'],
    url: '/media/:kind/:sha256',
    handler: async (request, reply) => {
      const { kind, sha256 } = request.params
      const object = await findObject(services, kind, sha256)
      const etag = `"sha256-${sha256}"`
      if (request.headers['if-none-match']?.includes(etag)) return reply.headers(forEver(etag)).code(304).send()
      return sendBytes(services, request, reply, object, etag)
    },
  })
}

/** Headers of what never changes; no error carries them. */
function forEver(etag: string): Record<string, string> {
  return {
    etag,
    'cache-control': 'public, max-age=31536000, immutable',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  }
}

async function findObject({ db }: MediaServices, kind: string, sha256: string): Promise<PublicObject> {
  const format = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  const isHash = /^[0-9a-f]{64}$/.test(sha256)
  if (format === undefined || !isHash) throw new AppError('not-found')
  const object = await asCaller(db, { role: 'anon' }, (tx) => publicObject(tx, sha256), { mode: 'read only' })
  if (object === null || !format.test(object.mimeType)) throw new AppError('not-found')
  return object
}

async function sendBytes(
  { objects }: MediaServices,
  request: MediaRequest,
  reply: FastifyReply,
  { key, sizeBytes, mimeType }: PublicObject,
  etag: string,
): Promise<FastifyReply> {
  const { range: asksFor, 'if-range': ifRange } = request.headers
  const range = passesIfRange(typeof ifRange === 'string' ? ifRange : undefined, etag) ? asksFor : undefined
  const asked = parseRange(range, sizeBytes)
  if (asked.kind === 'unsatisfiable') {
    reply.header('content-range', `bytes */${sizeBytes}`)
    throw new AppError('range-not-satisfiable')
  }
  const [start, end] = asked.kind === 'part' ? asked.range : [0, sizeBytes - 1]
  const hasBody = request.method !== 'HEAD' && sizeBytes > 0
  const bytes = hasBody ? await objects.read(key, start, end) : undefined
  reply.headers({ ...forEver(etag), 'content-type': mimeType, 'content-length': end - start + 1 })
  if (asked.kind === 'part') reply.code(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`)
  return reply.send(bytes)
}
