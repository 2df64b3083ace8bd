import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { httpRequest, REQUEST_LIMITS } from '../../main/core/server/http-request.ts'

const SOON = { connectionMs: 40, headMs: 40, wholeMs: 40 }
const LONG = REQUEST_LIMITS

let server: Server | null = null
const sockets = new Set<Socket>()

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  if (server !== null) await new Promise((resolve) => server?.close(resolve))
  server = null
})

/** A server that answers each request, known by the end of its head, as it is told. */
async function serve(answer: (socket: Socket, request: string, count: number) => void): Promise<string> {
  let count = 0
  server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (data) => answer(socket, String(data), ++count))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`
}

const ask = (url: string, more: Partial<Parameters<typeof httpRequest>[0]> = {}) =>
  httpRequest({ method: 'POST', url, headers: {}, body: '{"ä":1}', ...more })

const codeOf = async (work: Promise<unknown>): Promise<[string, unknown]> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw new Error('no AppError')
  return [error.code, error.detail?.['cause']]
}

describe('one HTTP exchange', () => {
  it('sends the body with its length in bytes, asks for no coding, and gives status, headers and bytes', async () => {
    let heard = ''
    const url = await serve((socket, request) => {
      heard = request
      socket.end('HTTP/1.1 418 No\r\nx-a: b\r\ncontent-length: 5\r\n\r\nhallo')
    })
    const answer = await ask(url, { headers: { 'content-type': 'application/json' } })
    expect(answer).toMatchObject({ status: 418, headers: { 'x-a': 'b' }, body: Buffer.from('hallo') })
    expect(heard).toMatch(/content-length: 8\r\n/i)
    expect(heard).toMatch(/accept-encoding: identity\r\n/i)
    expect(heard.endsWith('{"ä":1}')).toBe(true)
  })

  it('follows no redirect', async () => {
    const url = await serve((socket) =>
      socket.end('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n'),
    )
    expect((await ask(url)).status).toBe(302)
  })

  it.each([
    ['no head comes', () => {}],
    ['the body stops', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal')],
  ])('R-DC-24: is offline when %s in time', async (_, answer) => {
    const url = await serve(answer)
    expect(await codeOf(ask(url, { limits: { ...LONG, ...SOON } }))).toEqual(['offline', 'ETIMEDOUT'])
  })

  it('R-DC-24: is offline when nothing takes the connection in time', async () => {
    // A TLS handshake that is never answered.
    const url = (await serve(() => {})).replace('http:', 'https:')
    expect(await codeOf(ask(url, { limits: { ...LONG, connectionMs: 40 } }))).toEqual(['offline', 'ETIMEDOUT'])
  })

  it.each([
    ['is closed', 'ECONNRESET', (socket: Socket) => socket.end()],
    [
      'is closed inside a body',
      'ECONNRESET',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal'),
    ],
    ['speaks no HTTP', 'HPE_INVALID_CONSTANT', (socket: Socket) => socket.end('hello\r\n\r\n')],
  ])('R-DC-24: is offline when the connection %s', async (_, cause, answer) => {
    const url = await serve(answer)
    expect(await codeOf(ask(url))).toEqual(['offline', cause])
  })

  it('a read over a kept connection that was closed meanwhile is sent once more, a command is not', async () => {
    const url = await serve((socket, _, count) => {
      if (count % 2 === 1) socket.destroy()
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
    expect(String((await httpRequest({ method: 'GET', url, headers: {} })).body)).toBe('ok')
    expect((await codeOf(ask(url)))[0]).toBe('offline')
  })

  it('an answer over 16 MiB is refused, and is not read to its end', async () => {
    const url = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      const chunk = Buffer.from(`100000\r\n${'x'.repeat(0x100000)}\r\n`)
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.on('drain', more)
      more()
    })
    expect((await codeOf(ask(url)))[0]).toBe('too-large')
    await new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroyed ? resolve() : socket.once('close', () => resolve())
    })
  })

  it('a proxy that wants a password is named as what refuses', async () => {
    const url = await serve((socket) => socket.end('HTTP/1.1 407 Who\r\ncontent-length: 0\r\n\r\n'))
    expect((await codeOf(ask(url)))[0]).toBe('proxy-refused')
  })
})
