import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** How a proxy of a network answers CONNECT (RFC 9110 §9.3.6); `tunnel` lets through. */
export type ProxyMood =
  | 'tunnel'
  | 'wants-credentials'
  | 'forbids'
  | 'shows-a-page'
  | 'shows-a-page-as-success'
  | 'hangs-up'

const PAGE = '<html>Not from this network</html>'
const ANSWERS: Readonly<Record<Exclude<ProxyMood, 'tunnel' | 'hangs-up'>, string>> = {
  'wants-credentials': `HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n`,
  forbids: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
  'shows-a-page': `HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`,
  'shows-a-page-as-success': `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`,
}

/** The HTTP proxy of a network, in whatever mood it is. */
export async function startConnectProxy(mood: ProxyMood) {
  const sockets = new Set<Socket>()
  const state = { mood, tunnels: 0, asked: [] as string[] }
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => {})
    client.on('close', () => sockets.delete(client))
    let head = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      client.off('data', onData)
      const [, authority = ''] = head.toString('latin1', 0, end).split(' ')
      state.asked.push(authority)
      if (state.mood === 'hangs-up') return void client.destroy()
      if (state.mood !== 'tunnel') return void client.end(ANSWERS[state.mood])
      state.tunnels += 1
      const [host = '', port = ''] = authority.split(':')
      const origin = connect({ host, port: Number(port) })
      origin.on('error', () => client.destroy())
      client.on('close', () => origin.destroy())
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      origin.write(head.subarray(end + 4))
      client.pipe(origin)
      origin.pipe(client)
    }
    client.on('data', onData)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    address: `http://127.0.0.1:${port}`,
    state,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export type ConnectProxy = Awaited<ReturnType<typeof startConnectProxy>>
