import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Core } from '../../core/ports.ts'
import { sendFailure, sendJson } from './answer.ts'
import { streamEvents } from './event-stream.ts'
import { type MediaTickets, TICKET_LIFE_MS } from './media-tickets.ts'
import { readJsonBody } from './read-json-body.ts'
import type { Tab, Tabs } from './tabs.ts'

const CALL = '/call/'
const PATHS = new Set(['/session', '/events', '/media-tickets', '/folders'])
const Exchange = z.object({ secret: z.string().max(200) })
const NamedFolder = z.object({ path: z.string().max(4096) })
const WantedMedia = z.object({ ids: z.array(z.string().max(120)).max(500) })

interface ApiNeeds {
  readonly core: Core
  readonly tabs: Tabs
  readonly tickets: MediaTickets
}

/** Whether a path is answered by the API. */
export function isApiPath(path: string): boolean {
  return PATHS.has(path) || path.startsWith(CALL)
}

/**
 * `POST /session` exchanges a link's secret for a bearer; with it `POST /call/<name>` makes a call, `GET /events` follows the core,
 * `POST /media-tickets` gets tickets for media, and `POST /folders` names a folder by its path, for command lines only.
 */
export function createApi({ core, tabs, tickets }: ApiNeeds) {
  async function openTab(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = Exchange.safeParse(await readJsonBody(request))
    const bearer = parsed.success ? tabs.exchange(parsed.data.secret) : null
    if (bearer === null) sendFailure(response, 403, 'not-allowed', 'This link is not, or no longer, good')
    else sendJson(response, 200, { bearer })
  }

  async function sendTickets(tab: Tab, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = WantedMedia.safeParse(await readJsonBody(request))
    if (!parsed.success) return sendFailure(response, 422, 'invalid-input')
    const issued = Object.fromEntries(parsed.data.ids.map((id) => [id, tickets.issue(id, tab.id)]))
    sendJson(response, 200, { tickets: issued, expiresInSeconds: TICKET_LIFE_MS / 1000 })
  }

  async function sendFolder(tab: Tab, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (tab.kind !== 'command-line') return sendFailure(response, 403, 'not-allowed')
    const parsed = NamedFolder.safeParse(await readJsonBody(request))
    if (!parsed.success) return sendFailure(response, 422, 'invalid-input')
    sendJson(response, 200, { ok: true, value: core.rememberFolder(parsed.data.path) })
  }

  return async function answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === '/session' && request.method === 'POST') return await openTab(request, response)
    const tab = tabs.tabOf(request.headers.authorization)
    if (tab === null) return sendFailure(response, 401, 'not-allowed', 'This tab is not opened by a link of MixMint')
    if (path === '/events' && request.method === 'GET') return streamEvents(core, response)
    if (request.method !== 'POST' || !isApiPath(path)) return sendFailure(response, 405, 'method-not-allowed')
    if (path === '/media-tickets') return await sendTickets(tab, request, response)
    if (path === '/folders') return await sendFolder(tab, request, response)
    sendJson(response, 200, await core.call(path.slice(CALL.length), await readJsonBody(request)))
  }
}
