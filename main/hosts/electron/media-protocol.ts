import { Readable } from 'node:stream'
import { AppError, ERRORS } from '../../../contract/errors.ts'
import type { Core, Log } from '../../core/ports.ts'
import { APP_HOST, APP_ORIGIN } from './own-address.ts'

/** `/<kind>/<uuid or sha256>`; nothing that could be a path. */
const MEDIA_PATH = /^\/((?:track|cover|preview|peaks|portrait)\/[0-9a-f-]{36,64})$/

const COMMON_HEADERS = {
  'access-control-allow-origin': APP_ORIGIN,
  'access-control-expose-headers': 'accept-ranges, content-length, content-range',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
}

interface MediaProtocolNeeds {
  readonly openMedia: Core['openMedia']
  readonly log: Log
}

/** Answers `media://mixmint/<id>` with a sound or picture of the core, whole or in the part that `Range` names. */
export function createMediaProtocol({ openMedia, log }: MediaProtocolNeeds) {
  return async function answer(request: Request): Promise<Response> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405)
    const id = mediaIdOf(request.url)
    if (id === null) return refusal(404)
    try {
      const { status, headers, body } = await openMedia(id, request.headers.get('range') ?? undefined)
      if (request.method === 'HEAD') body?.destroy()
      const hasBody = body !== null && request.method !== 'HEAD'
      return new Response(hasBody ? streamOf(body) : null, { status, headers: { ...headers, ...COMMON_HEADERS } })
    } catch (error) {
      if (!(error instanceof AppError)) log.error({ error }, 'a sound or picture could not be opened')
      return refusal(error instanceof AppError ? ERRORS[error.code].status || 503 : 500)
    }
  }
}

/** The core's id of the sound or picture that an address names; null for any other address. */
export function mediaIdOf(address: string): string | null {
  if (!URL.canParse(address)) return null
  const { protocol, host, pathname, username, password } = new URL(address)
  if (protocol !== 'media:' || host !== APP_HOST || username !== '' || password !== '') return null
  return MEDIA_PATH.exec(pathname)?.[1] ?? null
}

/** A player that seeks lets go of the stream in the middle; that is no failure. */
function streamOf(body: Readable): ReadableStream<Uint8Array> {
  body.on('error', () => {})
  return Readable.toWeb(body) as ReadableStream<Uint8Array>
}

function refusal(status: number): Response {
  return new Response(null, { status, headers: { ...COMMON_HEADERS, 'cache-control': 'no-store' } })
}
