import { AppError, ERRORS } from '../../../contract/errors.ts'
import type { ByteSocket, OpenSocket } from '../../../main/core/delivery/bytes/byte-socket.ts'
import type { Dice } from './dice.ts'
import type { Life, Scheduler } from './scheduler.ts'
import type { SimulatedServer } from './simulated-server.ts'

/** What may become of an answer on its way. */
export type LineFault =
  | 'none'
  | 'cut'
  | 'reset'
  | 'stall'
  | 'flip'
  | 'busy'
  | 'limited'
  | 'short'
  | 'surplus'
  | 'portal'
  | 'other-range'
const FAULTS: readonly LineFault[] = [
  'cut',
  'reset',
  'stall',
  'flip',
  'busy',
  'limited',
  'short',
  'surplus',
  'portal',
  'other-range',
]

/** The line between the simulated computer and the server, and what goes wrong on it. */
export interface SimulatedNetwork {
  /** Down: nothing connects, and what is open hears nothing more. */
  isUp: boolean
  /** 0 to 1: how often something goes wrong. */
  trouble: number
  openFor(life: Life): OpenSocket
  /** A call of the server: its request or its answer may be lost, it may be refused for now. */
  callFor<T>(life: Life, work: () => T): Promise<T>
  /** Bytes of files that were put on the line. */
  readonly sent: { bytes: number }
  /** Connections that were opened. */
  readonly opened: { count: number }
  /** Bytes of answers that the computer took from it. */
  readonly taken: { bytes: number }
  /** Ends every connection, as a computer does that wakes up elsewhere: all are reset, or hear nothing more. */
  sever(how: 'reset' | 'silence'): void
}

const CHUNKS = [1, 700, 4_096, 16_384, 65_536] as const

export function createSimulatedNetwork(scheduler: Scheduler, roll: Dice, server: SimulatedServer): SimulatedNetwork {
  const sent = { bytes: 0 }
  const opened = { count: 0 }
  const taken = { bytes: 0 }
  const connections = new Set<(how: 'reset' | 'silence') => void>()

  function hasTrouble(): boolean {
    return network.trouble > 0 && roll.chance(network.trouble)
  }

  function openFor(life: Life): OpenSocket {
    return (_, signal) =>
      new Promise((resolve, reject) => {
        const give = (outcome: () => void) => {
          signal.removeEventListener('abort', onAbort)
          outcome()
        }
        const onAbort = () => give(() => reject(signal.reason))
        signal.addEventListener('abort', onAbort, { once: true })
        scheduler.later(life, () => {
          if (signal.aborted) return
          const cause = network.isUp
            ? hasTrouble()
              ? roll.pick(['ECONNREFUSED', 'ECONNRESET', 'silence'])
              : null
            : 'ENETUNREACH'
          if (cause === 'silence') return
          if (cause !== null) return give(() => reject(new AppError('offline', undefined, { cause })))
          give(() => resolve(socketFor(life)))
        })
      })
  }

  function socketFor(life: Life): ByteSocket {
    opened.count += 1
    const state = { isOpen: true, isHeld: false, isDead: false }
    /** What is on its way to the client. */
    let coming: Buffer[] = []
    let ending: AppError | 'silence' | null | undefined

    const sever = (how: 'reset' | 'silence') => {
      connections.delete(sever)
      state.isDead = true
      if (life.isOver) return
      if (how === 'reset') close(new AppError('offline', undefined, { cause: 'ECONNRESET' }))
    }
    connections.add(sever)

    function forget() {
      state.isOpen = false
      connections.delete(sever)
    }

    function close(reason: AppError | null) {
      if (!state.isOpen) return
      forget()
      socket.reader?.closed(reason)
    }

    /** One piece at a time, so that pieces keep their order while everything else may come in between. */
    function deliver() {
      scheduler.later(life, () => {
        if (!state.isOpen || state.isHeld || state.isDead) return
        if (!network.isUp) return deliverLater()
        const [first, ...rest] = coming
        if (first === undefined) {
          if (ending === 'silence' || ending === undefined) return
          return close(ending)
        }
        if (socket.reader === null) return socket.destroy()
        const memory = socket.reader.space()
        // Looking at the limit may have ended the run: then nothing reads any more.
        if (socket.reader === null || !state.isOpen) return
        const length = Math.min(memory.byteLength, first.length)
        memory.set(first.subarray(0, length))
        taken.bytes += length
        coming = length === first.length ? rest : [first.subarray(length), ...rest]
        if (!socket.reader.bytes(memory.subarray(0, length))) {
          state.isHeld = true
          return
        }
        deliver()
      })
    }

    /** While the line is down everything waits; whoever waits too long gives up by a timer of its own. */
    function deliverLater() {
      scheduler.clockOf(life).after(1_000, deliver)
    }

    function answer(text: string) {
      if (!state.isOpen || state.isDead) return
      const token = /token=([\w-]+)/.exec(text)?.[1] ?? ''
      const match = /Range: bytes=(\d+)-(\d+)/.exec(text)
      const { head, body, end } = answerTo(token, Number(match?.[1]), Number(match?.[2]))
      coming = [head, ...inPieces(body, roll)]
      ending = end
      deliver()
    }

    const socket: ByteSocket = {
      reader: null,
      get isOpen() {
        return state.isOpen
      },
      write(text) {
        ending = undefined
        scheduler.later(life, () => {
          if (network.isUp) answer(text)
        })
      },
      resume() {
        if (!state.isHeld) return
        state.isHeld = false
        deliver()
      },
      destroy: forget,
    }
    return socket
  }

  interface LineAnswer {
    readonly head: Buffer
    readonly body: Buffer
    /** What follows: nothing, silence, an end in order, a reset. */
    readonly end: AppError | 'silence' | null | undefined
  }

  function answerTo(token: string, first: number, last: number): LineAnswer {
    const fault: LineFault = hasTrouble() ? roll.pick(FAULTS) : 'none'
    if (fault === 'portal') return { ...page('<html>Sign in to this network</html>'), end: null }
    if (fault === 'busy') return refusal(new AppError('server-busy'))
    if (fault === 'limited') return refusal(new AppError('rate-limited'), 'Retry-After: 7\r\n')
    try {
      const { object, attempt } = server.redeem(token, [first, last])
      const end = fault === 'short' ? roll.between(first, last) : last
      const start = fault === 'other-range' && first > 0 ? first - 1 : first
      const whole = object.bytes.subarray(start, end + 1)
      const head = Buffer.from(
        `HTTP/1.1 206 Partial Content\r\nContent-Type: audio/mpeg\r\nContent-Length: ${whole.length}\r\nContent-Range: bytes ${start}-${end}/${object.bytes.length}\r\nETag: ${object.grant.etag}\r\n\r\n`,
      )
      const { body, after } = damaged(whole, fault)
      attempt.served += body.length
      sent.bytes += body.length
      return { head, body, end: after }
    } catch (error) {
      if (error instanceof AppError) return refusal(error)
      throw error
    }
  }

  function damaged(whole: Buffer, fault: LineFault): { body: Buffer; after: LineAnswer['end'] } {
    const some = whole.subarray(0, roll.below(whole.length))
    switch (fault) {
      case 'cut':
        return { body: some, after: null }
      case 'reset':
        return { body: some, after: new AppError('offline', undefined, { cause: 'ECONNRESET' }) }
      case 'stall':
        return { body: some, after: 'silence' }
      case 'flip': {
        const flipped = Buffer.from(whole)
        const at = roll.below(flipped.length)
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << roll.below(8)), at)
        return { body: flipped, after: undefined }
      }
      case 'surplus':
        return { body: Buffer.concat([whole, roll.bytes(roll.between(1, 3_000))]), after: null }
      // The fault lies in the head, or in the range.
      case 'none':
      case 'busy':
      case 'limited':
      case 'short':
      case 'portal':
      case 'other-range':
        return { body: whole, after: undefined }
    }
  }

  async function callFor<T>(life: Life, work: () => T): Promise<T> {
    const lost = () => new AppError('offline', undefined, { cause: 'ECONNRESET' })
    const result = await scheduler.work(life, () => {
      if (!network.isUp || (hasTrouble() && roll.chance(0.4))) throw lost()
      if (hasTrouble() && roll.chance(0.3)) throw new AppError('server-busy')
      if (hasTrouble() && roll.chance(0.2))
        throw new AppError('rate-limited', undefined, { retryAfterSeconds: roll.between(1, 30) })
      return work()
    })
    return await scheduler.work(life, () => {
      if (!network.isUp || (hasTrouble() && roll.chance(0.4))) throw lost()
      return result
    })
  }

  const network: SimulatedNetwork = {
    isUp: true,
    trouble: 0,
    openFor,
    callFor,
    sent,
    opened,
    taken,
    sever(how) {
      for (const end of [...connections]) end(how)
    },
  }
  return network
}

function refusal({ code }: AppError, lines = ''): { head: Buffer; body: Buffer; end: null } {
  const text = JSON.stringify({ code })
  const { status } = ERRORS[code]
  return {
    head: Buffer.from(
      `HTTP/1.1 ${status} Refused\r\nContent-Type: application/problem+json\r\nContent-Length: ${text.length}\r\n${lines}\r\n`,
    ),
    body: Buffer.from(text),
    end: null,
  }
}

function page(text: string): { head: Buffer; body: Buffer } {
  return {
    head: Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${text.length}\r\n\r\n`),
    body: Buffer.from(text),
  }
}

function inPieces(body: Buffer, roll: Dice): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const length = roll.pick(CHUNKS) + roll.below(9)
    pieces.push(body.subarray(at, at + length))
    at += length
  }
  return pieces
}
