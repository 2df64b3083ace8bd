import type { IncomingMessage, ServerResponse } from 'node:http'
import { contentSecurityPolicy } from '../../adapters/content-security-policy.ts'
import { rendererFile } from '../../adapters/renderer-files.ts'
import type { Core, Random } from '../../core/ports.ts'
import { sendFailure } from './answer.ts'
import { returnPage } from './return-page.ts'

interface PageNeeds {
  readonly core: Core
  readonly random: Random
  /** The folder of the built renderer. */
  readonly rendererFolder: string
}

/** The app's document and files, and the pages that a browser comes back to; each document with a nonce of its own. */
export function createPages({ core, random, rendererFolder }: PageNeeds) {
  const newNonce = () => random.bytes(16).toString('base64')

  return {
    async sendFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
      const nonce = newNonce()
      const file = await rendererFile(rendererFolder, path, nonce)
      if (file === null) return sendFailure(response, 404, 'not-found')
      response.writeHead(200, {
        'content-type': file.mediaType,
        'content-length': file.body.length,
        'content-security-policy': contentSecurityPolicy(nonce),
        'cache-control': path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
      })
      response.end(request.method === 'HEAD' ? undefined : file.body)
    },

    /** Hands the code or payment id in `target` to the core, and says how it went. */
    async sendReturn(target: string, response: ServerResponse): Promise<void> {
      const nonce = newNonce()
      const wasFollowed = await core.followLink(target)
      const policy = `default-src 'none'; style-src 'nonce-${nonce}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`
      response
        .writeHead(wasFollowed ? 200 : 400, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': policy,
        })
        .end(returnPage(wasFollowed ? 'done' : 'failed', nonce))
    },
  }
}
