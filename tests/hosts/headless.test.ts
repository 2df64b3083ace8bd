import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problem, type ScriptedServer, startScriptedServer } from '../_kit/scripted-server.ts'
import { type HeadlessUnderTest, startHeadless } from '../_kit/start-headless.ts'

let server: ScriptedServer
let app: HeadlessUnderTest
let tab = ''

beforeAll(async () => {
  server = await startScriptedServer()
  app = await startHeadless({ serverAddress: server.address })
  tab = await app.openTab()
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const at = (path: string, init: RequestInit = {}) =>
  fetch(`${app.host.address}${path}`, { redirect: 'manual', ...init })
const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const asTab = (headers: Record<string, string> = {}) => ({ authorization: `Bearer ${tab}`, ...headers })

/** One exchange written byte by byte, for what a proper client does not send. */
async function raw(lines: readonly string[]): Promise<string> {
  const { port } = new URL(app.host.address)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  return await text(socket)
}
const own = () => `Host: ${new URL(app.host.address).host}`

describe('R-DC-05, DL17: only a tab that was opened by a link speaks to the core', () => {
  test('the printed link opens tabs until the process ends; the other link opens one', async () => {
    const { launch, once } = app.host.links()
    expect(app.host.links().launch).toBe(launch)
    expect(app.host.links().once).not.toBe(once)
    const secretOf = (link: string) => new URL(link).hash.replace('#link=', '')
    const exchange = async (link: string) => (await at('/session', json({ secret: secretOf(link) }))).status
    expect([await exchange(launch), await exchange(launch), await exchange(once), await exchange(once)]).toEqual([
      200, 200, 200, 403,
    ])
  })

  test.each([
    ['no bearer', {}],
    ['a bearer of another run', { authorization: `Bearer ${'A'.repeat(43)}` }],
    ['a cookie', { cookie: 'bearer=1' }],
  ])('with %s every door is closed', async (_, headers) => {
    for (const path of ['/call/app.status', '/media-tickets', '/folders'])
      expect((await at(path, json({}, headers))).status).toBe(401)
    expect((await at('/events', { headers })).status).toBe(401)
  })

  test('no answer sets a cookie or allows another origin, and each forbids sniffing, framing and storing', async () => {
    const answers = await Promise.all([
      at('/'),
      at('/assets/index-1.js'),
      at('/missing.js'),
      at('/call/app.status', json({})),
      at('/call/app.status', json({}, asTab())),
      at('/call/app.status', { method: 'OPTIONS', headers: { 'access-control-request-private-network': 'true' } }),
      at('/return/auth?code=abc'),
      at('/media/x/cover/y'),
      at('/', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' } }),
    ])
    for (const { headers, url } of answers) {
      const names = [...headers.keys()]
      expect(
        names.filter((name) => name.startsWith('access-control-') || name === 'set-cookie'),
        url,
      ).toEqual([])
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
  })

  test('it listens on this computer alone', async () => {
    const { port } = new URL(app.host.address)
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of others) {
      const failure = await new Promise((resolve) => {
        connect(Number(port), address)
          .once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
          .once('connect', () => resolve('connected'))
      })
      expect(failure).toBe('ECONNREFUSED')
    }
    expect(new URL(app.host.address).hostname).toBe('127.0.0.1')
  })

  test.each([
    ['a foreign name', ['GET / HTTP/1.1', 'Host: evil.example'], /^HTTP\/1.1 421/],
    ['no name', ['GET / HTTP/1.1'], /^HTTP\/1.1 4/],
    ['HTTP/1.0 without a name', ['GET / HTTP/1.0'], /^HTTP\/1.1 421/],
    ['two names', ['GET / HTTP/1.1', 'OWN', 'Host: evil.example'], /^HTTP\/1.1 4/],
    ['an address as target', ['GET http://evil.example/ HTTP/1.1', 'OWN'], /^HTTP\/1.1 421/],
    ['a climbing path', ['GET /../../../../etc/passwd HTTP/1.1', 'OWN'], /^HTTP\/1.1 404/],
    ['an encoded climbing path', ['GET /..%2f..%2fpackage.json HTTP/1.1', 'OWN'], /^HTTP\/1.1 404/],
    ['an upgrade', ['GET /events HTTP/1.1', 'OWN', 'Connection: Upgrade', 'Upgrade: websocket'], /^HTTP\/1.1 (4|5)/],
    ['headers without end', ['GET / HTTP/1.1', 'OWN', `X-Filler: ${'x'.repeat(20_000)}`], /^HTTP\/1.1 431/],
  ] as const)('%s is refused', async (_, lines, answer) => {
    const sent = lines.map((line) => (line === 'OWN' ? own() : line))
    expect(await raw([...sent, 'Connection: close'])).toMatch(answer)
  })
})

describe('calls', () => {
  test('a reply is the envelope of the core, whatever it says', async () => {
    expect(await app.call(tab, 'app.checkServer')).toEqual({ ok: true, value: { isOnline: true } })
    expect(await app.call(tab, 'identity.listDevices')).toMatchObject({ ok: false, error: { code: 'not-signed-in' } })
    expect(await app.call(tab, 'app.changeSettings', { volume: 7 })).toMatchObject({ error: { code: 'invalid-input' } })
    expect(await app.call(tab, 'delivery.init', {})).toMatchObject({ error: { code: 'unknown-call' } })
    expect(await app.call(tab, '..%2fsession', {})).toMatchObject({ error: { code: 'unknown-call' } })
  })

  test.each([
    ['text', { 'content-type': 'text/plain' }, '{}', 400],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 400],
    ['no type', {}, '{}', 400],
    ['broken JSON', { 'content-type': 'application/json' }, '{"a":', 400],
    ['more than 1 MiB', { 'content-type': 'application/json' }, JSON.stringify('x'.repeat(1_048_576)), 413],
  ] as const)('a body of %s is refused', async (_, headers, body, status) => {
    const answer = await at('/call/app.status', { method: 'POST', headers: asTab({ ...headers }), body })
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ ok: false })
  })

  test('a body that lies about its length is cut off at 1 MiB', async () => {
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(' '.repeat(65_536)))
      },
    })
    const answer = await at('/call/app.status', {
      method: 'POST',
      headers: asTab({ 'content-type': 'application/json' }),
      body: stream,
      duplex: 'half',
    } as RequestInit).catch(() => null)
    expect(answer === null || answer.status === 413).toBe(true)
    expect((await app.call(tab, 'app.status')).ok).toBe(true)
  })

  test('a page can not name a folder by its path; a command line of this user can', async () => {
    const named = { path: app.core.folder }
    expect((await at('/folders', json(named, asTab()))).status).toBe(403)
    const commandLine = await app.openTab(app.host.commandSecret)
    const answer = await at('/folders', json(named, { authorization: `Bearer ${commandLine}` }))
    expect(await answer.json()).toMatchObject({ ok: true, value: { path: app.core.folder, id: expect.any(String) } })
    const relative = await at('/folders', json({ path: '../up' }, { authorization: `Bearer ${commandLine}` }))
    expect(relative.status).toBe(403)
  })
})

describe('events', () => {
  test('each reader hears what happens, as JSON lines, until it leaves', async () => {
    const leave = new AbortController()
    const open = async () => {
      const { body } = await at('/events', { headers: asTab(), signal: leave.signal })
      const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
      let rest = ''
      return async function next(): Promise<unknown> {
        for (;;) {
          const line = /^\s*([^\n]+)\n/.exec(rest)
          if (line !== null) {
            rest = rest.slice(line[0].length)
            return JSON.parse(line[1] ?? '')
          }
          rest += (await reader?.read())?.value ?? ''
        }
      }
    }
    const readers = await Promise.all([open(), open()])
    await app.call(tab, 'app.changeSettings', { volume: 0.5 })
    for (const next of readers) expect(await next()).toEqual({ type: 'settings.changed' })
    leave.abort()
    await app.call(tab, 'app.changeSettings', { volume: 0.6 })
    expect((await app.call(tab, 'app.status')).ok).toBe(true)
  })
})

describe('media', () => {
  const PICTURE = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(5000, 7)])
  const SHA = createHash('sha256').update(PICTURE).digest('hex')
  const COVER = `cover/${SHA}`

  async function ticketFor(id: string): Promise<string> {
    const answer = (await (await at('/media-tickets', json({ ids: [id] }, asTab()))).json()) as {
      tickets: Record<string, string>
    }
    return answer.tickets[id] ?? ''
  }

  const asked = (path: string) => server.requests.filter((request) => request.path === path).length

  beforeAll(() => {
    server.on(`GET /media/${COVER}`, () => ({ body: PICTURE }))
  })

  test('a picture is asked of the server once, checked by its hash, and served from this computer with ranges', async () => {
    const address = `/media/${await ticketFor(COVER)}/${COVER}`
    const whole = await at(address)
    expect(whole.status).toBe(200)
    expect(whole.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await whole.arrayBuffer()).equals(PICTURE)).toBe(true)
    const part = await at(address, { headers: { range: 'bytes=8-17' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 8-17/${PICTURE.length}`])
    expect(Buffer.from(await part.arrayBuffer()).equals(PICTURE.subarray(8, 18))).toBe(true)
    const beyond = await at(address, { headers: { range: `bytes=${PICTURE.length}-` } })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${PICTURE.length}`])
    const head = await at(address, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, `${PICTURE.length}`, ''])
    expect(asked(`/media/${COVER}`)).toBe(1)
  })

  test('bytes that are not those of the hash are never shown, nor kept', async () => {
    const forged = `cover/${'f'.repeat(64)}`
    server.on(`GET /media/${forged}`, () => ({ body: PICTURE }))
    const address = `/media/${await ticketFor(forged)}/${forged}`
    expect((await at(address)).status).toBe(503)
    expect((await at(address)).status).toBe(503)
    expect(asked(`/media/${forged}`)).toBe(2)
  })

  test('a ticket opens its own item only, and no item opens without', async () => {
    const ticket = await ticketFor(COVER)
    expect((await at(`/media/${ticket}/preview/${SHA}`)).status).toBe(403)
    expect((await at(`/media/none/${COVER}`)).status).toBe(403)
    expect((await at(`/media/${COVER}`)).status).toBe(403)
    const unknown = `cover/${'0'.repeat(64)}`
    server.on(`GET /media/${unknown}`, () => problem('not-found'))
    expect((await at(`/media/${await ticketFor(unknown)}/${unknown}`)).status).toBe(404)
    for (const hostile of ['cover/../../settings.json', 'track/../../x', 'cover/', 'x/y'])
      expect((await at(`/media/${await ticketFor(hostile)}/${hostile}`)).status).not.toBe(200)
  })
})
