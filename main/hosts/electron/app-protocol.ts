import { contentSecurityPolicy } from '../../adapters/content-security-policy.ts'
import { rendererFile } from '../../adapters/renderer-files.ts'
import type { Random } from '../../core/ports.ts'
import { isAppAddress, MEDIA_SOURCE } from './own-address.ts'

const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

interface AppProtocolNeeds {
  /** The folder of the built renderer, absolute. */
  readonly rendererFolder: string
  readonly random: Random
}

/** Answers `app://mixmint/…`: files of the built renderer, by GET, each document under a policy with a nonce of its own. */
export function createAppProtocol({ rendererFolder, random }: AppProtocolNeeds) {
  return async function answer(request: Request): Promise<Response> {
    if (request.method !== 'GET') return refusal(405)
    if (!isAppAddress(request.url)) return refusal(404)
    const nonce = random.bytes(16).toString('base64')
    const file = await rendererFile(rendererFolder, new URL(request.url).pathname || '/', nonce)
    if (file === null) return refusal(404)
    return new Response(new Uint8Array(file.body), {
      headers: {
        ...COMMON_HEADERS,
        'content-type': file.mediaType,
        'content-length': String(file.body.length),
        'content-security-policy': contentSecurityPolicy(nonce, MEDIA_SOURCE),
        'cache-control': file.isDocument ? 'no-store' : 'private, max-age=31536000, immutable',
      },
    })
  }
}

function refusal(status: 404 | 405): Response {
  return new Response(null, {
    status,
    headers: { ...COMMON_HEADERS, 'content-security-policy': "default-src 'none'", 'cache-control': 'no-store' },
  })
}
