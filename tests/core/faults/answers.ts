import { randomBytes } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import type { FileAnswer, FileRequest } from '../../_kit/fault-server.ts'

/** Whatever a server, or what stands in its place, may answer to a request for bytes; each is one fault and nothing else. */

function half(request: FileRequest): Buffer {
  return request.bytes().subarray(0, Math.floor(request.bytes().length / 2))
}

/** The right head with lines changed, and the right body. */
export function withHead(change: Readonly<Record<string, string | null>>, status?: string): FileAnswer {
  return ({ send, head, bytes, spoil }) => {
    spoil()
    send(head(change, status), bytes())
  }
}

/** Content-Range as `make` writes it. */
export function withContentRange(make: (request: FileRequest) => string): FileAnswer {
  return (request) => withHead({ 'Content-Range': make(request) })(request)
}

export const diesMidBody: FileAnswer = (request) => {
  request.send(request.head(), half(request))
  request.socket.end()
}

export const resetsMidBody: FileAnswer = (request) => {
  request.spoil()
  request.send(request.head(), half(request))
  setTimeout(() => request.socket.resetAndDestroy(), 10)
}

export const resetsBeforeHeaders: FileAnswer = ({ socket }) => {
  socket.resetAndDestroy()
}

export const closesBeforeHeaders: FileAnswer = ({ socket }) => {
  socket.end()
}

export const stallsMidBody: FileAnswer = (request) => request.send(request.head(), half(request))

export const stallsMidHeaders: FileAnswer = ({ send }) => send('HTTP/1.1 206 Partial Content\r\nContent-Type: audio/')

export const neverAnswers: FileAnswer = () => {}

/** A byte for each ten seconds that pass, on every connection that asks. */
export function drips(leap: (ms: number) => void): FileAnswer {
  const open = new Set<() => void>()
  let timer: NodeJS.Timeout | null = null
  const stop = () => {
    if (timer !== null) clearInterval(timer)
    timer = null
  }
  const tick = () => {
    for (const drip of open) drip()
    if (open.size > 0) setTimeout(() => leap(10_000), 6)
    else stop()
  }
  return ({ send, head, bytes, socket }) => {
    send(head())
    let sent = 0
    const drip = () => {
      send('', bytes().subarray(sent, sent + 1))
      sent += 1
    }
    open.add(drip)
    socket.on('close', () => open.delete(drip))
    timer ??= setInterval(tick, 15)
  }
}

export const announcesTooMuch: FileAnswer = ({ socket, send, head, bytes, range, spoil }) => {
  spoil()
  send(head({ 'Content-Length': String(range[1] - range[0] + 100) }), bytes())
  socket.end()
}

/** All that is announced fits, and some of it does not come before a clean end. */
export const endsEarly: FileAnswer = ({ socket, send, head, bytes }) => {
  send(head(), bytes().subarray(0, -10))
  socket.end()
}

export const announcesTooLittle: FileAnswer = withHead({ 'Content-Length': '10' })

export const sendsTooMuch: FileAnswer = ({ send, head, bytes, spoil }) => {
  spoil()
  send(head(), Buffer.concat([bytes(), randomBytes(500)]))
}

export const hasNoLength: FileAnswer = ({ socket, send, head, bytes, spoil }) => {
  spoil()
  send(head({ 'Content-Length': null }), bytes())
  socket.end()
}

export const cutsChunks: FileAnswer = ({ socket, send, head, bytes, spoil }) => {
  spoil()
  const chunk = bytes().subarray(0, 2000)
  send(
    head({ 'Content-Length': null, 'Transfer-Encoding': 'chunked' }),
    Buffer.concat([Buffer.from('1000\r\n'), chunk]),
  )
  socket.end()
}

/** SETTINGS, HEADERS and a DATA frame with END_STREAM that is short: what an HTTP/2 server would say. */
export const speaksHttp2: FileAnswer = ({ socket, bytes, spoil }) => {
  spoil()
  const data = bytes().subarray(0, 1000)
  const frame = (type: number, flags: number, payload: Buffer) => {
    const header = Buffer.from([0, 0, 0, type, flags, 0, 0, 0, type === 4 ? 0 : 1])
    header.writeUIntBE(payload.length, 0, 3)
    return Buffer.concat([header, payload])
  }
  socket.end(Buffer.concat([frame(4, 0, Buffer.alloc(0)), frame(1, 4, Buffer.from([0x88])), frame(0, 1, data)]))
}

export const startsElsewhere: FileAnswer = ({ send, head, bytes, range, spoil }) => {
  spoil()
  const shifted = [range[0] + 100, range[1]] as const
  send(head({}, undefined, [...shifted]), bytes([...shifted]))
}

export const startsEarlier: FileAnswer = ({ send, head, bytes, range, spoil }) => {
  spoil()
  const longer: [number, number] = [Math.max(0, range[0] - 100), range[1]]
  send(head({}, undefined, longer), bytes(longer))
}

export const endsLater: FileAnswer = ({ send, head, bytes, range, spoil, object }) => {
  spoil()
  const longer: [number, number] = [range[0], Math.min(object.bytes.length - 1, range[1] + 100)]
  // The last range can not end later: there it is what came before it that is too much.
  if (longer[1] === range[1]) longer[0] = Math.max(0, range[0] - 1)
  send(head({}, undefined, longer), bytes(longer))
}

/** A shorter range than asked, and no lie in it. */
export const answersLess: FileAnswer = ({ send, head, bytes, range }) => {
  const short: [number, number] = [range[0], Math.min(range[1], range[0] + 30_000)]
  send(head({}, undefined, short), bytes(short))
}

export const isMultipart: FileAnswer = ({ send, range, bytes, object, spoil, head }) => {
  spoil()
  const part = Buffer.concat([
    Buffer.from(
      `--x\r\nContent-Type: audio/mpeg\r\nContent-Range: bytes ${range[0]}-${range[1]}/${object.bytes.length}\r\n\r\n`,
    ),
    bytes(),
    Buffer.from('\r\n--x--\r\n'),
  ])
  send(head({ 'Content-Type': 'multipart/byteranges; boundary=x', 'Content-Length': String(part.length) }), part)
}

export const answersAll: FileAnswer = ({ send, head, bytes, object }) => {
  const whole: [number, number] = [0, object.bytes.length - 1]
  send(head({ 'Content-Range': null }, '200 OK', whole), bytes(whole))
}

export const answersAllAs206: FileAnswer = ({ send, head, bytes, object }) => {
  const whole: [number, number] = [0, object.bytes.length - 1]
  send(head({}, undefined, whole), bytes(whole))
}

export const callsTheRangeAll: FileAnswer = withHead({ 'Content-Range': null }, '200 OK')

export const saysOutside: FileAnswer = ({ send, object }) =>
  send(`HTTP/1.1 416 No\r\nContent-Range: bytes */${object.bytes.length}\r\nContent-Length: 0\r\n\r\n`)

export const saysOutsideAnother: FileAnswer = ({ send }) =>
  send('HTTP/1.1 416 No\r\nContent-Range: bytes */12\r\nContent-Length: 0\r\n\r\n')

export const saysChanged: FileAnswer = ({ send }) => send('HTTP/1.1 412 No\r\nContent-Length: 0\r\n\r\n')

export const flipsABit: FileAnswer = ({ send, head, bytes, spoil }) => {
  spoil()
  const copy = Buffer.from(bytes())
  const middle = Math.floor(copy.length / 2)
  copy[middle] = (copy[middle] ?? 0) ^ 1
  send(head(), copy)
}

/** The head is right; the bytes are those of another place. */
export const liesAboutItsPlace: FileAnswer = ({ send, head, bytes, range, spoil }) => {
  spoil()
  send(head(), Buffer.concat([bytes().subarray(7), bytes([range[0], range[0] + 6])]))
}

/** One segment is damaged whenever it is sent. */
export function damages(segment: number, segmentSize: number): FileAnswer {
  return ({ send, head, bytes, range }) => {
    const body = Buffer.from(bytes())
    const at = segment * segmentSize + 10 - range[0]
    if (at >= 0 && at < body.length) body[at] = (body[at] ?? 0) ^ 0xff
    send(head(), body)
  }
}

export const packsAsGzip: FileAnswer = (request) => packed(request, 'gzip', gzipSync(request.bytes(), { level: 1 }))

export const packsAsBrotli: FileAnswer = (request) =>
  packed(request, 'br', brotliCompressSync(request.bytes(), { params: { 1: 1 } }))

function packed({ send, head, spoil }: FileRequest, coding: string, body: Buffer): void {
  spoil()
  send(head({ 'Content-Encoding': coding, 'Content-Length': String(body.length) }), body)
}

const PAGE = '<!doctype html><html>Please sign in to this network</html>'

export function page(status: string): FileAnswer {
  return ({ send }) =>
    send(`HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`)
}

export function redirectsTo(location: string, status = '302 Found'): FileAnswer {
  return ({ send }) => send(`HTTP/1.1 ${status}\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)
}

/** A problem document of the server, as the protocol has it. */
export function refuses(code: ErrorCode, more = ''): FileAnswer {
  const text = JSON.stringify({ type: `urn:mixmint:${code}`, status: ERRORS[code].status, code })
  return ({ send }) =>
    send(
      `HTTP/1.1 ${ERRORS[code].status} Refused\r\nContent-Type: application/problem+json\r\nContent-Length: ${text.length}\r\n${more}\r\n${text}`,
    )
}

/** Not HTTP/1.1, or not well formed. */
export function says(text: string): FileAnswer {
  return ({ socket }) => socket.end(Buffer.from(text, 'latin1'))
}

export function saysBytes(bytes: Buffer): FileAnswer {
  return ({ socket }) => socket.end(bytes)
}
