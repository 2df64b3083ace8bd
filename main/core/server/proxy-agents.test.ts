import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { toConnectionError } from './connection-error.ts'
import { httpRequest } from './http-request.ts'
import { createProxyAgents } from './proxy-agents.ts'

type Answer = 'through' | 'closed' | string

/** A proxy that answers every wish for a tunnel the same way, and plain requests by itself. */
async function startProxy(answer: Answer, plainStatus = 200) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    response.writeHead(plainStatus, { 'content-type': 'text/html' }).end('<p>a page of the proxy')
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    if (answer === 'closed') return socket.destroy()
    if (answer !== 'through') return socket.end(answer)
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    onward.pipe(socket).pipe(onward)
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    return socket
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { asked, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function ask(url: string, proxy: string) {
  return httpRequest({ method: 'POST', url, headers: {}, body: '{}', agentsFor: createProxyAgents(() => proxy) })
}

describe('fault 38: calls through a proxy', () => {
  test.each([
    ['407', 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'],
    ['403', 'HTTP/1.1 403 Forbidden\r\n\r\n'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['nothing', 'closed'],
  ])('a tunnel that is answered with %s is refused by the proxy', async (_, answer) => {
    const { asked, address } = await startProxy(answer)
    await expect(ask('https://store.example/api', `http://us%40er:p@${address}`)).rejects.toMatchObject({
      code: 'proxy-refused',
    })
    expect(asked).toEqual([`CONNECT store.example:443 Basic ${Buffer.from('us@er:p').toString('base64')}`])
  })

  test('what comes through a tunnel is not the server until its certificate holds', async () => {
    const page = await startProxy('through')
    const { asked, address } = await startProxy('through')
    await expect(ask(`https://${page.address}/api`, `http://${address}`)).rejects.toMatchObject({ code: 'offline' })
    expect(asked).toEqual([`CONNECT ${page.address}`])
  })

  test('without TLS the proxy is asked itself: its refusal is known, its page is an answer to be judged', async () => {
    const refusing = await startProxy('closed', 407)
    await expect(ask('http://store.example/api', `http://${refusing.address}`)).rejects.toMatchObject({
      code: 'proxy-refused',
    })
    const lying = await startProxy('closed')
    expect(await ask('http://store.example/api', `http://${lying.address}`)).toMatchObject({ status: 200 })
    expect(lying.asked).toEqual(['POST http://store.example/api'])
  })

  test('a proxy that is not there means that there is no connection', async () => {
    await expect(ask('https://store.example/api', 'http://127.0.0.1:1')).rejects.toMatchObject({ code: 'offline' })
  })
})

describe('a certificate that does not hold', () => {
  test.each(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])('%s sends the user to the clock first', (code) => {
    const error = toConnectionError(Object.assign(new Error('of the system'), { code }))
    expect([error.code, error.message]).toEqual(['untrusted-server', expect.stringContaining('clock of this computer')])
  })

  test.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])(
    '%s is not a matter of the clock',
    (code) => {
      const error = toConnectionError(Object.assign(new Error('of the system'), { code }))
      expect([error.code, error.message]).toEqual(['untrusted-server', 'The server can not be trusted'])
    },
  )
})
