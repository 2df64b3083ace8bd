import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError, type ErrorCode, toReply } from '../../contract/errors.ts'
import type { CoreEvent } from '../../contract/events.ts'
import { callsByName } from '../../contract/index.ts'
import { answersOver } from './fake-host/answers.ts'
import { mediaOf } from './fake-host/media.ts'
import { fullState, type ShopState } from './fake-host/shop-state.ts'

const RENDERER = fileURLToPath(new URL('../../out/renderer', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface FakeHost extends AsyncDisposable {
  /** The address to open, with the secret of this launch. */
  readonly link: string
  readonly address: string
  readonly state: ShopState
  emit(event: CoreEvent): void
  /** Makes a call fail from now on; null lets it work again. */
  fail(call: string, code: ErrorCode | null): void
  /** Makes a call wait until the answer is called. */
  hold(call: string): () => void
}

/**
 * A host for looking at the interface without a core: the protocol of the headless host over a state in memory. What it answers passes the
 * contract's own schemas, so that pictures can not show what the real host could never say.
 */
export async function startFakeHost(state: ShopState = fullState()): Promise<FakeHost> {
  const secret = randomBytes(24).toString('base64url')
  const bearers = new Set<string>()
  const streams = new Set<ServerResponse>()
  const failing = new Map<string, ErrorCode>()
  const held = new Map<string, Promise<void>>()
  const emit = (event: CoreEvent): void => {
    for (const stream of streams) stream.write(`${JSON.stringify(event)}\n`)
  }
  const answers = answersOver(state, emit)

  async function answer(name: string, input: unknown): Promise<unknown> {
    await held.get(name)
    const code = failing.get(name)
    if (code !== undefined) throw new AppError(code)
    const definition = callsByName.get(name)
    const reply = answers.get(name)
    if (definition === undefined || reply === undefined) throw new AppError('unknown-call')
    return definition.output.parse(reply(definition.input.parse(input)))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://fake')
    const nonce = randomBytes(16).toString('base64')
    response.setHeader('content-security-policy', policy(nonce))
    response.setHeader('x-content-type-options', 'nosniff')
    if (pathname === '/session') {
      const { secret: given } = (await readBody(request)) as { secret?: string }
      if (given !== secret) return void response.writeHead(403).end()
      const bearer = randomBytes(24).toString('base64url')
      bearers.add(bearer)
      return sendJson(response, { bearer })
    }
    if (pathname.startsWith('/media/')) return sendMedia(request, response, pathname.split('/').slice(3).join('/'))
    const needsBearer = pathname === '/events' || pathname === '/media-tickets' || pathname.startsWith('/call/')
    if (!needsBearer) return sendFile(response, pathname, nonce)
    if (!bearers.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) {
      response.statusCode = 401
      return sendJson(response, { ok: false, error: { code: 'not-allowed', message: 'No bearer' } })
    }
    if (pathname === '/events') {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders()
      streams.add(response)
      response.on('close', () => streams.delete(response))
      return
    }
    const body = await readBody(request)
    if (pathname === '/media-tickets') {
      const { ids } = body as { ids: string[] }
      return sendJson(response, { tickets: Object.fromEntries(ids.map((id) => [id, 'ticket'])) })
    }
    const reply = await toReply(
      () => answer(pathname.slice('/call/'.length), body),
      (error) => {
        process.stderr.write(`fake host: ${pathname}: ${String(error)}\n`)
        return 'bug'
      },
    )
    sendJson(response, reply)
  }

  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('The fake host has no address')
  const address = `http://127.0.0.1:${at.port}/`
  return {
    address,
    link: `${address}#link=${secret}`,
    state,
    emit,
    fail: (call, code) => void (code === null ? failing.delete(call) : failing.set(call, code)),
    hold: (call) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held.set(call, promise)
      return () => {
        held.delete(call)
        resolve()
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const policy = (nonce: string): string =>
  `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types default`

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}')
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
}

function sendMedia(request: IncomingMessage, response: ServerResponse, id: string): void {
  const media = mediaOf(id)
  if (media === undefined) return void response.writeHead(404).end()
  const { type, bytes } = media
  response.setHeader('content-type', type).setHeader('accept-ranges', 'bytes')
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  if (from === undefined) return void response.end(bytes)
  const end = to === undefined || to === '' ? bytes.length - 1 : Number(to)
  response
    .writeHead(206, { 'content-range': `bytes ${from}-${end}/${bytes.length}` })
    .end(bytes.subarray(Number(from), end + 1))
}

async function sendFile(response: ServerResponse, pathname: string, nonce: string): Promise<void> {
  const file = path.join(RENDERER, path.normalize(pathname === '/' ? '/index.html' : pathname))
  const body = await readFile(file).catch(() => null)
  if (body === null) return void response.writeHead(404).end()
  response
    .setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream')
    .end(file.endsWith('.html') ? body.toString().replaceAll('__CSP_NONCE__', nonce) : body)
}
