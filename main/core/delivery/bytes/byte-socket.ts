import net from 'node:net'
import tls from 'node:tls'
import { AppError } from '../../../../contract/errors.ts'
import { toConnectionError } from '../../server/connection-error.ts'
import { headLength, LARGEST_HEAD, parseHead } from './response-head.ts'

/** Where a request for bytes goes: the server's origin, and the proxy on the way to it. */
export interface ByteOrigin {
  /** `http://host:port` or `https://host:port`. */
  readonly origin: string
  /** `http://[user:password@]host:port` of a proxy that tunnels (RFC 9110 §9.3.6); null: straight to the server. */
  readonly proxy: string | null
}

/** What the reader of a socket does. */
export interface SocketReader {
  /** The memory that the next bytes are read into. */
  space(): Uint8Array
  /** Bytes that came; false holds further ones back until `resume`. */
  bytes(bytes: Uint8Array): boolean
  /** The connection is over; null: the other side ended it in order. Told once. */
  closed(reason: AppError | null): void
}

/** One connection to a server. Its reader may change between two answers. */
export interface ByteSocket {
  /** Set before `write`; null while no answer is expected. */
  reader: SocketReader | null
  readonly isOpen: boolean
  write(text: string): void
  resume(): void
  /** Ends the connection; the reader hears nothing of it. */
  destroy(): void
}

/** Opens a connection. Throws `offline`, `untrusted-server`, `proxy-refused`; an abort of `signal` ends the attempt. */
export type OpenSocket = (to: ByteOrigin, signal: AbortSignal) => Promise<ByteSocket>

/** Bytes that nobody reads go here. */
const SCRAP = 4096

/** Opens a TCP or TLS connection that reads into memory of its reader, so that no buffer is made for each read. */
export const openSocket: OpenSocket = async (to, signal) => {
  const url = new URL(to.origin)
  const isTls = url.protocol === 'https:'
  const host = bare(url.hostname)
  const port = Number(url.port) || (isTls ? 443 : 80)
  const scrap = Buffer.alloc(SCRAP)
  const state: { reader: SocketReader | null; isOpen: boolean } = { reader: null, isOpen: true }
  const onread = {
    buffer: () => state.reader?.space() ?? scrap,
    callback(count: number, memory: Uint8Array) {
      // Bytes with nobody to read them are an answer to nothing: the connection can not be believed any more.
      if (state.reader === null) socket.destroy()
      return state.reader?.bytes(memory.subarray(0, count)) ?? true
    },
  }
  const socket = await connected(to, { host, port, isTls, onread }, signal)
  socket.setNoDelay(true)
  let failure: unknown = null
  socket.on('error', (error) => {
    failure ??= error
  })
  const ended = () => {
    if (!state.isOpen) return
    state.isOpen = false
    state.reader?.closed(failure === null ? null : toConnectionError(failure))
  }
  socket.on('end', ended)
  socket.on('close', ended)
  return {
    get reader() {
      return state.reader
    },
    set reader(reader) {
      state.reader = reader
    },
    get isOpen() {
      return state.isOpen && !socket.destroyed
    },
    write: (text) => void socket.write(text, 'latin1'),
    resume: () => void socket.resume(),
    destroy() {
      state.isOpen = false
      socket.destroy()
    },
  }
}

interface Endpoint {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  readonly onread: net.OnReadOpts
}

async function connected(to: ByteOrigin, endpoint: Endpoint, signal: AbortSignal): Promise<net.Socket> {
  const { host, port, isTls, onread } = endpoint
  if (to.proxy === null && !isTls)
    return await opened(net.connect({ host, port, onread, autoSelectFamily: true }), 'connect', signal)
  const tunnel = to.proxy === null ? null : await openTunnel(to.proxy, `${host}:${port}`, signal, isTls ? null : onread)
  if (!isTls && tunnel !== null) return tunnel
  // The types of Node do not know yet that a TLS connection reads into given memory too.
  const options: tls.ConnectionOptions & { readonly onread: net.OnReadOpts } = {
    ...(tunnel === null ? { host, port, autoSelectFamily: true } : { socket: tunnel }),
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ['http/1.1'],
    onread,
  }
  const secure = tls.connect(options)
  return await opened(secure, 'secureConnect', signal)
}

function opened<S extends net.Socket>(socket: S, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      socket.off('error', onError)
      socket.off('close', onClose)
      signal.removeEventListener('abort', onAbort)
      outcome()
    }
    const onError = (error: Error) => settle(() => reject(toConnectionError(error)))
    const onClose = () => settle(() => reject(new AppError('offline', undefined, { cause: 'closed' })))
    const onAbort = () => {
      socket.on('error', () => {})
      socket.destroy()
      settle(() => reject(signal.reason))
    }
    socket.on('error', onError)
    socket.once('close', onClose)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once(event, () => settle(() => resolve(socket)))
    if (signal.aborted) onAbort()
  })
}

/** A tunnel through a proxy (RFC 9110 §9.3.6). Throws `proxy-refused` for any answer but a 2xx. */
async function openTunnel(
  proxy: string,
  authority: string,
  signal: AbortSignal,
  onread: net.OnReadOpts | null,
): Promise<net.Socket> {
  const { hostname, port, username, password } = new URL(proxy)
  const memory = Buffer.alloc(4096)
  let isThrough = false
  let hear: (bytes: Uint8Array) => void = () => {}
  const toProxy = { host: bare(hostname), port: Number(port) || 80 }
  const untilThrough: net.OnReadOpts | null = onread && {
    buffer: () => (isThrough ? buffersOf(onread) : memory),
    callback(count, bytes) {
      if (isThrough) return onread.callback(count, bytes)
      hear(bytes.subarray(0, count))
      return true
    },
  }
  const socket = net.connect(untilThrough === null ? toProxy : { ...toProxy, onread: untilThrough })
  await opened(socket, 'connect', signal)
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const credentials = user === ':' ? '' : `Proxy-Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`
  const answered = new Promise<number>((resolve, reject) => {
    const refused = () => reject(new AppError('proxy-refused'))
    let came = Buffer.alloc(0)
    hear = (bytes) => {
      came = Buffer.concat([came, bytes])
      const length = headLength(came)
      if (length === null) return came.length > LARGEST_HEAD ? refused() : undefined
      const status = statusOf(came.subarray(0, length))
      if (status === null) refused()
      else resolve(status)
    }
    if (untilThrough === null) socket.on('data', hear)
    socket.once('error', refused)
    socket.once('close', refused)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`)
  try {
    const status = await answered
    if (status < 200 || status > 299) throw new AppError('proxy-refused', undefined, { status })
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw error
  }
  socket.off('data', hear)
  isThrough = true
  return socket
}

function statusOf(head: Uint8Array): number | null {
  try {
    return parseHead(head).status
  } catch {
    return null
  }
}

function buffersOf({ buffer }: net.OnReadOpts): Uint8Array {
  return typeof buffer === 'function' ? buffer() : buffer
}

/** An IPv6 address without its brackets. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
