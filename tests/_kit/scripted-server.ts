import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { app } from '../../contract/app.ts'
import type { Output } from '../../contract/call.ts'
import { ERRORS, type ErrorCode } from '../../contract/errors.ts'

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text and bytes as they are; anything else as JSON. */
  readonly body?: unknown
  /** The connection is cut without an answer. */
  readonly hangUp?: true
}

export interface ScriptedServer extends AsyncDisposable {
  readonly address: string
  readonly requests: readonly RecordedRequest[]
  /** Answers requests of that method and path from now on. */
  on(
    route: `${'GET' | 'POST' | 'PUT'} /${string}`,
    answer: (request: RecordedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>,
  ): void
  /** Stops listening and cuts every connection; the port stays free for `start`. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** A server of which each answer is written by the test; it describes itself like a real one, unless the test says otherwise. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const routes = new Map<string, (request: RecordedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>>()
  const requests: RecordedRequest[] = []
  let port = 0

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://server')
    const request: RecordedRequest = {
      method: incoming.method ?? '',
      path: pathname,
      query: searchParams,
      headers: incoming.headers,
      body: await text(incoming),
    }
    requests.push(request)
    const {
      status = 200,
      headers,
      body,
      hangUp,
    } = await (routes.get(`${request.method} ${pathname}`) ?? (() => problem('unknown-call')))(request)
    if (hangUp) return void incoming.socket.destroy()
    const isText = typeof body === 'string'
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers })
    response.end(isText || Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null))
  }

  const server = createServer((incoming, response) => void answer(incoming, response))

  async function start(): Promise<void> {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  }

  async function stop(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  await start()
  const address = `http://127.0.0.1:${port}`
  const info: Output<typeof app.serverInfo> = {
    mode: 'local',
    version: '0.0.0-test',
    authUrl: address,
    authKey: 'sb_publishable_test',
    publicOrigin: 'https://store.mixmint.example',
    oauthProviders: ['google'],
    demoAccounts: [],
    content: { readyTracks: 4, totalTracks: 4 },
  }
  routes.set(`GET ${app.serverInfo.path}`, () => ({ body: info }))
  return {
    address,
    requests,
    on: (route, answer) => void routes.set(route, answer),
    stop,
    start,
    [Symbol.asyncDispose]: stop,
  }
}

/** An error as the server renders it: RFC 9457. */
export function problem(code: ErrorCode, extra: object = {}, headers: Record<string, string> = {}): ScriptedAnswer {
  const { status, title } = ERRORS[code]
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: { type: `urn:mixmint:error:${code}`, title, status, detail: title, code, requestId: 'r-1', ...extra },
  }
}
