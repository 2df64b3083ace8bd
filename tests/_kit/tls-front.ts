import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import tls from 'node:tls'
import type { TestCertificate } from './test-certificates.ts'

interface FrontOptions extends TestCertificate {
  readonly more?: tls.TlsOptions
  /** The first so many connections end after that many bytes of the server, without the word by which TLS ends. */
  readonly cut?: { readonly at: number; readonly times: number }
}

/** Speaks TLS in front of a server on this computer. */
export async function startTlsFront(targetPort: number, { certificate, key, more, cut }: FrontOptions) {
  const sockets = new Set<Socket>()
  const seen = { secured: 0 }
  const server = tls.createServer({ cert: certificate, key, ...more }, (client) => {
    seen.secured += 1
    const mayPass = cut !== undefined && seen.secured <= cut.times ? cut.at : Number.POSITIVE_INFINITY
    const origin = connect({ host: '127.0.0.1', port: targetPort })
    let passed = 0
    for (const socket of [client, origin]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        origin.destroy()
      })
    }
    client.pipe(origin)
    origin.on('data', (chunk: Buffer) => {
      const rest = mayPass - passed
      passed += chunk.length
      if (chunk.length <= rest) return void client.write(chunk)
      // Destroying the line beneath leaves TLS no time to say goodbye.
      const raw = [...sockets].find((socket) => socket.remotePort === client.remotePort)
      client.write(chunk.subarray(0, Math.max(0, rest)), () => raw?.destroy())
    })
    origin.on('end', () => client.end())
  })
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    address: `https://127.0.0.1:${port}`,
    port,
    seen,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Trusts one more authority in this process, beside those of the system; the answer takes it back. */
export function trustToo({ certificate }: TestCertificate): () => void {
  const before = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...before, certificate])
  return () => tls.setDefaultCACertificates(before)
}
