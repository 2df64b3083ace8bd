import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Core } from '../../core/ports.ts'
import { sendFailure } from './answer.ts'
import type { MediaTickets } from './media-tickets.ts'

/** Answers `/media/<ticket>/<kind>/<id>` with ranges. Throws what opening the item throws. */
export function createMediaRoute({ core, tickets }: { core: Core; tickets: MediaTickets }) {
  return async function answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, ticket = '', mediaId = ''] = /^\/media\/([^/]+)\/(.+)$/.exec(path) ?? []
    if (!tickets.isGood(ticket, mediaId)) return sendFailure(response, 403, 'not-allowed')
    const media = await core.openMedia(mediaId, request.headers.range)
    response.writeHead(media.status, { ...media.headers })
    if (media.body === null || request.method === 'HEAD') {
      media.body?.destroy()
      response.end()
      return
    }
    // A player that seeks closes the connection in the middle; that is no failure.
    await pipeline(media.body, response).catch(() => {})
  }
}
