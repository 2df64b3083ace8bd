import net from 'node:net'

/** Fetches `path` over a connection of its own and throws the bytes away as fast as they come. Answers seconds from connecting to the end; throws unless `bytes` of body came. */
export function drain(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  bytes: number,
): Promise<number> {
  const { hostname, port, host } = new URL(origin)
  const lines = Object.entries({ host, connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const began = performance.now()
  return new Promise((resolve, reject) => {
    let received = 0
    let head = ''
    let headBytes = 0
    const socket = net.connect({
      ...{ host: hostname, port: Number(port) },
      onread: {
        buffer: Buffer.allocUnsafe(1024 * 1024),
        callback(count, buffer) {
          if (headBytes === 0) {
            head += Buffer.from(buffer.subarray(0, count)).toString('latin1')
            const end = head.indexOf('\r\n\r\n')
            if (end >= 0) headBytes = end + 4
          }
          received += count
          if (headBytes > 0 && received - headBytes >= bytes) socket.destroy()
          return true
        },
      },
    })
    socket.once('error', reject)
    socket.once('close', () => {
      const isWhole = /^HTTP\/1.1 20[06] /.test(head) && received - headBytes === bytes
      if (isWhole) resolve((performance.now() - began) / 1000)
      else reject(new Error(`${received - headBytes} of ${bytes} bytes: ${head.slice(0, 300)}`))
    })
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  })
}
