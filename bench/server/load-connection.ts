import net from 'node:net'

export interface LoadAnswer {
  readonly status: number
  /** Of text; of bytes only their number is known. */
  readonly body: string
}

interface Waiting {
  readonly resolve: (answer: LoadAnswer) => void
  readonly reject: (error: Error) => void
}

/** A kept connection: its memory is read into again and again, because a generator that makes garbage stops for it, and calls that the server's time. */
interface Line {
  readonly socket: net.Socket
  waiting: Waiting | null
  /** Of the answer that is coming; null until its head is whole. */
  answer: { readonly status: number; readonly isText: boolean; left: number } | null
  text: string
}

const MEMORY_BYTES = 128 * 1024

/** Sends requests over kept connections, one for each request in flight. */
export class LoadConnection {
  #idle: Line[] = []
  readonly #open = new Set<net.Socket>()
  readonly #origin: URL
  nonce = ''
  constructor(origin: string) {
    this.#origin = new URL(origin)
  }

  send(method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): Promise<LoadAnswer> {
    const line = this.#idle.pop() ?? this.#connect()
    const lines = Object.entries({ host: this.#origin.host, ...headers, 'content-length': String(body.length) })
    return new Promise((resolve, reject) => {
      line.waiting = { resolve, reject }
      const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      line.socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body}`)
    })
  }

  close(): void {
    for (const socket of this.#open) socket.destroy()
  }

  #connect(): Line {
    const memory = Buffer.allocUnsafeSlow(MEMORY_BYTES)
    const onread = {
      buffer: memory,
      callback: (count: number) => {
        this.#take(line, memory.subarray(0, count))
        return true
      },
    }
    const socket = net.connect({ host: this.#origin.hostname, port: Number(this.#origin.port), onread })
    const line: Line = { socket, waiting: null, answer: null, text: '' }
    socket.setNoDelay(true)
    this.#open.add(socket)
    socket.on('error', (error) => line.waiting?.reject(error))
    socket.on('close', () => {
      this.#open.delete(socket)
      this.#idle = this.#idle.filter((other) => other !== line)
      line.waiting?.reject(new Error('The server ended a connection'))
    })
    return line
  }

  #take(line: Line, bytes: Buffer): void {
    let rest = bytes
    if (line.answer === null) {
      line.text += bytes.toString('latin1')
      const end = line.text.indexOf('\r\n\r\n')
      if (end < 0) return
      rest = bytes.subarray(bytes.length - (line.text.length - end - 4))
      line.answer = this.#readHead(line.text.slice(0, end))
      line.text = ''
    }
    const { answer } = line
    if (answer.isText) line.text += rest.toString()
    answer.left -= rest.length
    if (answer.left > 0) return
    const { waiting, text } = line
    Object.assign(line, { waiting: null, answer: null, text: '' })
    this.#idle.push(line)
    waiting?.resolve({ status: answer.status, body: text })
  }

  #readHead(head: string): { status: number; isText: boolean; left: number } {
    const header = (name: string): string => new RegExp(`\r\n${name}: ([^\r]*)`, 'i').exec(head)?.[1] ?? ''
    this.nonce = header('dpop-nonce') || this.nonce
    const status = Number(head.slice(9, 12))
    return { status, isText: /json/.test(header('content-type')), left: Number(header('content-length')) }
  }
}
