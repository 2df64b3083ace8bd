/** `plain-server.ts <folder> <download>`: a static server for where nginx is missing. It knows whole files and single ranges and nothing else. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import path from 'node:path'

const BLOCK_BYTES = 1024 * 1024
const [root = '', download = ''] = process.argv.slice(2)
const sockets = new Set<Socket>()
let ofEnded = 0

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://server')
  const file = path.join(root, pathname === '/api/download/file' ? download : path.normalize(pathname))
  const found = await stat(file).catch(() => null)
  if (found === null || !found.isFile()) return void response.writeHead(404).end()
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = Number(first ?? 0)
  const end = Math.min(last ? Number(last) : found.size - 1, found.size - 1)
  response.writeHead(first === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    etag: `"${Math.floor(found.mtimeMs / 1000).toString(16)}-${found.size.toString(16)}"`,
    ...(first === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${found.size}` }),
  })
  if (request.method === 'HEAD') return void response.end()
  createReadStream(file, { start, end, highWaterMark: BLOCK_BYTES }).pipe(response)
}

const server = createServer((request, response) => void answer(request, response))
server.on('connection', (socket: Socket) => {
  sockets.add(socket)
  socket.once('close', () => {
    sockets.delete(socket)
    ofEnded += socket.bytesRead + socket.bytesWritten
  })
})
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.on('message', () =>
  process.send?.([...sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, ofEnded)),
)
process.once('disconnect', () => process.exit())
