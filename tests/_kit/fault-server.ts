import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { PackEntry } from '../../contract/delivery.ts'
import { ERRORS, type ErrorCode } from '../../contract/errors.ts'
import type { AudioFormat, ByteRange, ContentRef } from '../../contract/values.ts'

/** A request for bytes whose token is good, and what an honest server would do with it. */
export interface FileRequest {
  readonly object: ServedObject
  readonly range: ByteRange
  /** False when the request named no range: then `range` is the whole file. */
  readonly isRanged: boolean
  /** 1 for the first good request for bytes since the server started. */
  readonly number: number
  readonly headers: ReadonlyMap<string, string>
  readonly socket: Socket
  /** Status line and header lines, then the body; counted like all bytes of files. */
  send(head: string, body?: Buffer): void
  /** The head of the right answer for `range`, with some header lines changed (null: left out). */
  head(change?: Readonly<Record<string, string | null>>, status?: string, range?: ByteRange): string
  bytes(range?: ByteRange): Buffer
  /** The right answer, whole. */
  honest(): void
  /** Counts what this answer sends as lost: nobody is expected to keep it. */
  spoil(): void
}

export interface ServedObject {
  readonly content: ContentRef
  readonly bytes: Buffer
  readonly sha256: string
  readonly etag: string
  readonly segmentSize: number
  readonly segmentSha256: readonly string[]
  readonly segmentRoot: string
}

interface ServeOptions {
  readonly segmentSize?: number
  readonly fileName?: string
  readonly mimeType?: string
  readonly audioSha256?: string | null
  readonly contents?: readonly PackEntry[]
  /** The first that is put for a content is its master; others are served to whoever asks for their format. */
  readonly format?: AudioFormat
}

interface Attempt {
  readonly id: string
  readonly content: ContentRef
  readonly sha256: string
  state: 'reserved' | 'active' | 'delivered' | 'released'
}

/** Answers a good request for bytes; the server's own answer is `request.honest()`. */
export type FileAnswer = (request: FileRequest) => void
/** Answers a call, or answers nothing (false) and leaves it to the server. */
export type CallAnswer = (
  call: string,
  reply: (status: string, type: string, body: string, more?: string) => void,
  input: unknown,
) => boolean

/** Takes a new connection over (true) before anything is read from it. */
export type ConnectionAnswer = (socket: Socket) => boolean

/** The answer of `init`, as a test may change it. */
interface ServedGrant {
  readonly attempt: object
  readonly object: object
  readonly tokens: readonly object[]
  readonly entitlement: object
  readonly contents: readonly PackEntry[] | null
}

/** Refuses a request for bytes before its token is looked at, or leaves it to the server (false). */
export type TokenAnswer = (token: string, refuse: (code: ErrorCode) => void) => boolean

/**
 * A small raw-socket server that speaks `init`, `file`, `complete-many` and `cancel`, and does wrong exactly what a test tells it to. Tokens work
 * once and for their range alone. `/plain/<content id>` gives the same files, with the same faults, to clients that know no tokens.
 */
export async function startFaultServer() {
  const objects = new Map<string, ServedObject & ServeOptions>()
  const attempts = new Map<string, Attempt>()
  const tokens = new Map<string, { readonly attempt: Attempt; readonly range: ByteRange; isUsed: boolean }>()
  const sockets = new Set<Socket>()
  const seen = {
    inits: 0,
    files: 0,
    fileBytes: 0,
    /** Of these, bytes of answers that were spoilt. */
    spoilt: 0,
    /** Bytes of the heads of answers to requests for bytes. */
    headBytes: 0,
    connections: 0,
    completes: 0,
    cancels: 0,
    paths: [] as string[],
    ranges: [] as ByteRange[],
  }
  const rules: {
    connection: ConnectionAnswer
    file: FileAnswer
    call: CallAnswer
    beforeToken: TokenAnswer
    granted: (grant: ServedGrant) => ServedGrant
  } = {
    connection: () => false,
    file: (request) => request.honest(),
    call: () => false,
    granted: (grant) => grant,
    beforeToken: () => false,
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    seen.connections += 1
    if (rules.connection(socket)) return
    let pending = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      for (;;) {
        const end = pending.indexOf('\r\n\r\n')
        if (end < 0) return
        const [requestLine = '', ...lines] = pending.subarray(0, end).toString('latin1').split('\r\n')
        const headers = new Map(
          lines.map((line) => [
            line.slice(0, line.indexOf(':')).toLowerCase(),
            line.slice(line.indexOf(':') + 1).trim(),
          ]),
        )
        const length = Number(headers.get('content-length') ?? 0)
        if (pending.length < end + 4 + length) return
        const body = pending.subarray(end + 4, end + 4 + length).toString('utf8')
        pending = pending.subarray(end + 4 + length)
        const [, target = ''] = requestLine.split(' ')
        handle(socket, new URL(target, 'http://server'), headers, body)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }

  function handle(socket: Socket, url: URL, headers: ReadonlyMap<string, string>, body: string) {
    seen.paths.push(url.pathname)
    if (url.pathname.startsWith('/plain/')) return plain(socket, url.pathname.slice('/plain/'.length), headers)
    if (url.pathname === '/api/download/file') return file(socket, url.searchParams.get('token') ?? '', headers)
    const name = url.pathname.slice('/api/download/'.length)
    const reply = (status: string, type: string, text: string, more = '') =>
      socket.write(
        `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n${more}\r\n${text}`,
      )
    const input: unknown = JSON.parse(body)
    if (rules.call(name, reply, input)) return
    const answer = answerOf(name, input)
    if (typeof answer === 'string')
      reply(`${ERRORS[answer].status} Refused`, 'application/problem+json', JSON.stringify({ code: answer }))
    else reply('200 OK', 'application/json', JSON.stringify(answer))
  }

  function answerOf(name: string, input: unknown): object | ErrorCode {
    if (name === 'init') return init(input as InitInput)
    if (name === 'complete-many') return { files: (input as { files: { attemptId: string }[] }).files.map(complete) }
    return cancel((input as { attemptId: string }).attemptId)
  }

  interface InitInput extends ContentRef {
    readonly want: ByteRange[]
    readonly attemptId?: string
    readonly format?: AudioFormat
  }

  function init({ contentType, contentId, want, attemptId, format }: InitInput): object | ErrorCode {
    seen.inits += 1
    const object = format === undefined ? objects.get(contentId) : servedAs(contentId, format)
    if (object === undefined) return format === undefined ? 'not-found' : 'format-not-offered'
    const content = { contentType, contentId }
    const isSame = (one: Attempt) =>
      one.content.contentId === contentId &&
      one.state !== 'released' &&
      (one.state !== 'delivered' || one.id === attemptId) &&
      one.sha256 === object.sha256
    const attempt = [...attempts.values()].find(isSame) ?? {
      id: randomUUID(),
      content,
      sha256: object.sha256,
      state: 'reserved' as const,
    }
    attempts.set(attempt.id, attempt)
    const inside = want.filter(([start]) => start < object.bytes.length)
    const granted = inside.map(([start, last]) => {
      const range: ByteRange = [start, Math.min(last, object.bytes.length - 1)]
      const token = randomBytes(32).toString('base64url')
      tokens.set(token, { attempt, range, isUsed: false })
      return { token, range, expiresInSeconds: 180 }
    })
    return rules.granted({
      attempt: {
        id: attempt.id,
        state: attempt.state,
        isReused: true,
        isRepair: attempt.state === 'delivered',
        closesAt: new Date(Date.now() + 72 * 3_600_000).toISOString(),
        bytesServed: 0,
        byteBudget: object.bytes.length * 3 + 64 * 2 ** 20,
      },
      object: {
        sizeBytes: object.bytes.length,
        etag: object.etag,
        sha256: object.sha256,
        segmentSize: object.segmentSize,
        segmentSha256: object.segmentSha256,
        segmentRoot: object.segmentRoot,
        audioSha256: object.audioSha256 ?? null,
        fileName: object.fileName ?? 'file.mp3',
        mimeType: object.mimeType ?? 'audio/mpeg',
      },
      tokens: granted,
      entitlement: { source: 'purchase', attemptsLeft: 4, quotaLeft: null },
      contents: object.contents ?? null,
    })
  }

  function servedAs(contentId: string, format: AudioFormat) {
    const master = objects.get(contentId)
    return objects.get(`${contentId}/${format}`) ?? (master?.format === format ? master : undefined)
  }

  /** The object of an attempt; the content's present master when the attempt's own is served no more. */
  function objectOf({ content: { contentId }, sha256 }: Attempt) {
    const isIt = (one: ServedObject) => one.content.contentId === contentId && one.sha256 === sha256
    return [...objects.values()].find(isIt) ?? objects.get(contentId)
  }

  function complete({ attemptId }: { attemptId: string }): { attemptId: string; refusal: 'not-found' | null } {
    const attempt = attempts.get(attemptId)
    if (attempt === undefined) return { attemptId, refusal: 'not-found' }
    seen.completes += 1
    attempt.state = 'delivered'
    return { attemptId, refusal: null }
  }

  function cancel(attemptId: string): object | ErrorCode {
    const attempt = attempts.get(attemptId)
    if (attempt === undefined) return 'not-found'
    seen.cancels += 1
    attempt.state = 'released'
    return { state: attempt.state }
  }

  function file(socket: Socket, name: string, headers: ReadonlyMap<string, string>) {
    const token = tokens.get(name)
    const refuse = (code: ErrorCode) => {
      const text = JSON.stringify({ code })
      socket.write(
        `HTTP/1.1 ${ERRORS[code].status} Refused\r\nContent-Type: application/problem+json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      )
    }
    if (rules.beforeToken(name, refuse)) return
    if (token === undefined) return refuse('token-unknown')
    if (token.isUsed) return refuse('token-used')
    const object = objectOf(token.attempt)
    const size = object?.bytes.length ?? 0
    const asked = askedRange(headers, size)
    const range = asked ?? [0, size - 1]
    // A range that was lost on the way is answered with everything, as the protocol's server does for the whole file.
    if (asked !== null && !(range[0] >= token.range[0] && range[1] <= token.range[1]))
      return refuse('range-not-granted')
    if (object === undefined || object.sha256 !== token.attempt.sha256) return refuse('content-changed')
    token.isUsed = true
    if (token.attempt.state === 'reserved') token.attempt.state = 'active'
    answer(socket, object, range, asked !== null, headers)
  }

  function plain(socket: Socket, contentId: string, headers: ReadonlyMap<string, string>) {
    const object = objects.get(contentId)
    if (object === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    const size = object.bytes.length
    const asked = askedRange(headers, size)
    if (asked !== null && asked[0] >= size)
      return void socket.write(
        `HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */${size}\r\nContent-Length: 0\r\n\r\n`,
      )
    answer(socket, object, asked ?? [0, size - 1], asked !== null, headers)
  }

  function answer(
    socket: Socket,
    object: ServedObject,
    range: ByteRange,
    isRanged: boolean,
    headers: ReadonlyMap<string, string>,
  ) {
    seen.files += 1
    seen.ranges.push(range)
    let isSpoilt = false
    let sent = 0
    const bytes = ([start, last]: ByteRange = range) => object.bytes.subarray(start, last + 1)
    const send = (head: string, body: Buffer = Buffer.alloc(0)) => {
      if (socket.destroyed) return
      seen.headBytes += Buffer.byteLength(head, 'latin1')
      seen.fileBytes += body.length
      sent += body.length
      if (isSpoilt) seen.spoilt += body.length
      socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]))
    }
    const whole = isRanged ? '206 Partial Content' : '200 OK'
    const head: FileRequest['head'] = (change = {}, status = whole, [start, last] = range) => {
      const lines = {
        'Content-Type': 'audio/mpeg',
        'Content-Length': String(last - start + 1),
        'Content-Range': status.startsWith('206') ? `bytes ${start}-${last}/${object.bytes.length}` : null,
        ETag: object.etag,
        ...change,
      }
      const kept = Object.entries(lines).flatMap(([line, value]) => (value === null ? [] : `${line}: ${value}\r\n`))
      return `HTTP/1.1 ${status}\r\n${kept.join('')}\r\n`
    }
    rules.file({
      object,
      range,
      isRanged,
      number: seen.files,
      headers,
      socket,
      send,
      head,
      bytes,
      honest: () => send(head(), bytes()),
      spoil() {
        if (!isSpoilt) seen.spoilt += sent
        isSpoilt = true
      },
    })
  }

  function put(content: ContentRef, bytes: Buffer, options: ServeOptions = {}): ServedObject {
    const segmentSize = options.segmentSize ?? 4 * 2 ** 20
    const pieces = Array.from({ length: Math.ceil(bytes.length / segmentSize) }, (_, index) =>
      createHash('sha256')
        .update(bytes.subarray(index * segmentSize, (index + 1) * segmentSize))
        .digest(),
    )
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const object = {
      ...options,
      content,
      bytes,
      sha256,
      etag: `"sha256-${sha256}"`,
      segmentSize,
      segmentSha256: pieces.map((piece) => piece.toString('hex')),
      segmentRoot: createHash('sha256').update(Buffer.concat(pieces)).digest('hex'),
    }
    const master = objects.get(content.contentId)
    const isOther = options.format !== undefined && master?.format !== undefined && master.format !== options.format
    objects.set(isOther ? `${content.contentId}/${options.format}` : content.contentId, object)
    return object
  }

  const close = async () => {
    for (const socket of sockets) socket.destroy()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  return {
    port,
    /** Listens again at the same port after `close`. */
    async reopen() {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    address: `http://127.0.0.1:${port}`,
    put,
    /** Serves what was made elsewhere, such as a file whose bytes are not in memory. */
    serve(object: ServedObject & ServeOptions) {
      objects.set(object.content.contentId, object)
    },
    seen,
    rules,
    /** The states of all attempts, oldest first. */
    attempts: () => [...attempts.values()].map(({ state }) => state),
    /** Cuts every connection that is open now. */
    cutAll: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

export type FaultServer = Awaited<ReturnType<typeof startFaultServer>>

/** The range that a request names, cut to the file; null when it names none that can be read. */
function askedRange(headers: ReadonlyMap<string, string>, size: number): ByteRange | null {
  const match = /^bytes=(\d+)-(\d*)$/.exec(headers.get('range') ?? '')
  if (match === null) return null
  const last = match[2] === '' ? size - 1 : Number(match[2])
  return [Number(match[1]), Math.min(last, Math.max(size - 1, Number(match[1])))]
}
