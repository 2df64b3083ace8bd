import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { AppError, ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import { contentSecurityPolicy } from '../../adapters/content-security-policy.ts'
import { rendererFile } from '../../adapters/renderer-files.ts'
import type { Clock, Core, Log, Random } from '../../core/ports.ts'
import { COMMON_HEADERS, sendFailure, sendJson } from './answer.ts'
import { streamEvents } from './event-stream.ts'
import { createMediaTickets, TICKET_LIFE_MS } from './media-tickets.ts'
import { readJsonBody } from './read-json-body.ts'
import { type RouteKind, refuse } from './request-guard.ts'
import { returnPage } from './return-page.ts'
import { createTabs, type Tab } from './tabs.ts'

export interface HeadlessHost {
  /** `http://127.0.0.1:<port>`. */
  readonly address: string
  /** Addresses with a secret in the fragment: `launch` is the same each time; `once` is new each time and opens one tab. */
  links(): { launch: string; once: string }
  /** What command lines of this user exchange for a bearer; for the run file. */
  readonly commandSecret: string
  close(): Promise<void>
}

export interface HeadlessOptions {
  /** 0: any free one. */
  readonly port: number
  /** The folder of the built renderer. */
  readonly rendererFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const LIMITS = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 10_000 }
const MOST_CONNECTIONS = 256
const Exchange = z.object({ secret: z.string().max(200) })
const FolderRequest = z.object({ path: z.string().max(4096) })
const TicketRequest = z.object({ ids: z.array(z.string().max(120)).max(500) })

/** Serves the app to an ordinary browser on this computer: loopback only, every call by a tab's bearer. Throws what listening throws. */
export async function createHeadlessHost(core: Core, options: HeadlessOptions): Promise<HeadlessHost> {
  const { random, log, clock } = options
  const tabs = createTabs(random)
  const tickets = createMediaTickets(clock, random)
  let port = options.port

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value)
    const target = request.url ?? ''
    const [path = ''] = target.split('?')
    const kind = routeKind(path)
    const refusal = refuse(originOf(request), kind, port)
    if (refusal !== null) {
      const code: ErrorCode =
        refusal.status === 421 ? 'wrong-host' : refusal.status === 405 ? 'method-not-allowed' : 'not-allowed'
      sendFailure(response, refusal.status, code, `${ERRORS[code].title}: ${refusal.reason}`)
    } else if (kind === 'page') await sendPage(path, request, response)
    else if (kind === 'return') await sendReturn(target, response)
    else if (kind === 'media') await sendMedia(path, request, response)
    else await api(path, request, response)
  }

  async function api(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === '/session' && request.method === 'POST') return await openTab(request, response)
    const tab = tabs.tabOf(request.headers.authorization)
    if (tab === null) return sendFailure(response, 401, 'not-allowed', 'This tab is not opened by a link of MixMint')
    if (path === '/events' && request.method === 'GET') return streamEvents(core, response)
    if (request.method !== 'POST') return sendFailure(response, 405, 'method-not-allowed')
    if (path === '/media-tickets') return await sendTickets(tab.id, request, response)
    if (path === '/folders') return await sendFolder(tab, request, response)
    const name = path.slice('/call/'.length)
    sendJson(response, 200, await core.call(name, await readJsonBody(request)))
  }

  async function openTab(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = Exchange.safeParse(await readJsonBody(request))
    const bearer = parsed.success ? tabs.exchange(parsed.data.secret) : null
    if (bearer === null) sendFailure(response, 403, 'not-allowed', 'This link is not, or no longer, good')
    else sendJson(response, 200, { bearer })
  }

  async function sendTickets(tab: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = TicketRequest.safeParse(await readJsonBody(request))
    if (!parsed.success) return sendFailure(response, 422, 'invalid-input')
    const issued = Object.fromEntries(parsed.data.ids.map((id) => [id, tickets.issue(id, tab)]))
    sendJson(response, 200, { tickets: issued, expiresInSeconds: TICKET_LIFE_MS / 1000 })
  }

  async function sendFolder(tab: Tab, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (tab.kind !== 'command-line') return sendFailure(response, 403, 'not-allowed')
    const parsed = FolderRequest.safeParse(await readJsonBody(request))
    if (!parsed.success) return sendFailure(response, 422, 'invalid-input')
    sendJson(response, 200, { ok: true, value: core.rememberFolder(parsed.data.path) })
  }

  async function sendMedia(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, ticket = '', mediaId = ''] = /^\/media\/([^/]+)\/(.+)$/.exec(path) ?? []
    if (!tickets.isGood(ticket, mediaId)) return sendFailure(response, 403, 'not-allowed')
    const media = await core.openMedia(mediaId, request.headers.range)
    response.writeHead(media.status, { ...media.headers })
    if (media.body === null || request.method === 'HEAD') {
      media.body?.destroy()
      response.end()
    } else {
      // A player that seeks closes the connection in the middle; that is no failure.
      await pipeline(media.body, response).catch(() => {})
    }
  }

  async function sendPage(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = random.bytes(16).toString('base64')
    const file = await rendererFile(options.rendererFolder, path, nonce)
    if (file === null) return sendFailure(response, 404, 'not-found')
    response.writeHead(200, {
      'content-type': file.mediaType,
      'content-length': file.body.length,
      'content-security-policy': contentSecurityPolicy(nonce),
      'cache-control': path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
    })
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  async function sendReturn(target: string, response: ServerResponse): Promise<void> {
    const nonce = random.bytes(16).toString('base64')
    const wasFollowed = await core.followLink(target)
    const page = returnPage(wasFollowed ? 'done' : 'failed', nonce)
    response
      .writeHead(wasFollowed ? 200 : 400, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      })
      .end(page)
  }

  const server = createServer(LIMITS, (request, response) => {
    answer(request, response).catch((error: unknown) => fail(error, response))
  })
  server.maxConnections = MOST_CONNECTIONS

  function fail(error: unknown, response: ServerResponse): void {
    if (!(error instanceof AppError)) log.error({ error }, 'the host failed to answer')
    if (response.headersSent) return void response.destroy()
    const code = error instanceof AppError ? error.code : 'internal'
    if (code === 'too-large' || code === 'malformed-request') response.setHeader('connection', 'close')
    sendFailure(response, ERRORS[code].status || 503, code, error instanceof AppError ? error.message : undefined)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  port = (server.address() as AddressInfo).port
  const address = `http://127.0.0.1:${port}`

  return {
    address,
    commandSecret: tabs.commandSecret,
    links: () => ({
      launch: `${address}/#link=${tabs.launchSecret}`,
      once: `${address}/#link=${tabs.onceSecret()}`,
    }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function routeKind(path: string): RouteKind {
  if (path.startsWith('/media/')) return 'media'
  if (path.startsWith('/return/')) return 'return'
  const isApi =
    path === '/session' ||
    path === '/events' ||
    path === '/media-tickets' ||
    path === '/folders' ||
    path.startsWith('/call/')
  return isApi ? 'api' : 'page'
}

function originOf(request: IncomingMessage) {
  const { headers, rawHeaders } = request
  const single = (name: string): string | undefined => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(',') : value
  }
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    hosts: rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host'),
    origin: single('origin'),
    secFetchSite: single('sec-fetch-site'),
    secFetchMode: single('sec-fetch-mode'),
    secFetchDest: single('sec-fetch-dest'),
  }
}
