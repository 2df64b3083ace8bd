import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError, ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import type { Clock, Core, Log, Random } from '../../core/ports.ts'
import { COMMON_HEADERS, sendFailure } from './answer.ts'
import { createApi, isApiPath } from './api-routes.ts'
import { createMediaRoute } from './media-route.ts'
import { createMediaTickets } from './media-tickets.ts'
import { createPages } from './page-routes.ts'
import { type RequestOrigin, type RouteKind, refuse } from './request-guard.ts'
import { createTabs } from './tabs.ts'

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
const REFUSALS = { 403: 'not-allowed', 405: 'method-not-allowed', 421: 'wrong-host' } as const

/** Serves the app to an ordinary browser on this computer: loopback only, every call by a tab's bearer. Throws what listening throws. */
export async function createHeadlessHost(core: Core, options: HeadlessOptions): Promise<HeadlessHost> {
  const { random, log, clock, rendererFolder } = options
  const tabs = createTabs(random)
  const tickets = createMediaTickets(clock, random)
  const api = createApi({ core, tabs, tickets })
  const pages = createPages({ core, random, rendererFolder })
  const media = createMediaRoute({ core, tickets })
  let port = options.port

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value)
    const target = request.url ?? ''
    const [path = ''] = target.split('?')
    const kind = routeKind(path)
    const refusal = refuse(originOf(request), kind, port)
    if (refusal !== null) {
      const code = REFUSALS[refusal.status]
      return sendFailure(response, refusal.status, code, `${ERRORS[code].title}: ${refusal.reason}`)
    }
    switch (kind) {
      case 'page':
        return await pages.sendFile(path, request, response)
      case 'return':
        return await pages.sendReturn(target, response)
      case 'media':
        return await media(path, request, response)
      case 'api':
        return await api(path, request, response)
    }
  }

  function fail(error: unknown, response: ServerResponse): void {
    if (!(error instanceof AppError)) log.error({ error }, 'the host failed to answer')
    if (response.headersSent) return void response.destroy()
    const code: ErrorCode = error instanceof AppError ? error.code : 'internal'
    // What is left of a refused body is not read.
    if (code === 'too-large' || code === 'malformed-request') response.setHeader('connection', 'close')
    sendFailure(response, ERRORS[code].status || 503, code, error instanceof AppError ? error.message : undefined)
  }

  const server = createServer(LIMITS, (request, response) => {
    answer(request, response).catch((error: unknown) => fail(error, response))
  })
  server.maxConnections = MOST_CONNECTIONS
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
  if (isApiPath(path)) return 'api'
  if (path.startsWith('/media/')) return 'media'
  return path.startsWith('/return/') ? 'return' : 'page'
}

function originOf({ method, url, headers, rawHeaders }: IncomingMessage): RequestOrigin {
  const single = (name: string): string | undefined => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(',') : value
  }
  return {
    method: method ?? '',
    target: url ?? '',
    // Node shows one of several; a request that brings two names is to be seen as such.
    hosts: rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host'),
    origin: single('origin'),
    secFetchSite: single('sec-fetch-site'),
    secFetchMode: single('sec-fetch-mode'),
    secFetchDest: single('sec-fetch-dest'),
  }
}
