import { AppError } from '../../../../contract/errors.ts'
import type { Clock } from '../../ports.ts'
import type { TransferTimings } from '../timings.ts'
import { type ByteOrigin, type ByteSocket, type OpenSocket, openSocket } from './byte-socket.ts'
import type { Carrier, CarryEvents, CarryJob, CarryOutcome, Pace } from './carrier.ts'
import { READ_MEMORY, readRange } from './range-reader.ts'
import { createSegmentSink, type PartAccess, type SegmentSink } from './segment-sink.ts'

/** Connections that wait for another request; more are closed. */
const MOST_IDLE = 8

export interface CarrierNeeds {
  readonly clock: Clock
  readonly timings: TransferTimings
  readonly open?: OpenSocket
}

/** A job whose part file is at hand in this thread. */
export type LocalJob = Omit<CarryJob, 'part' | 'hints'> & { readonly access: PartAccess }

/** The carrier of one thread. */
export interface LocalCarrier {
  carry(
    job: LocalJob,
    pace: Pace,
    events: CarryEvents,
    signal: AbortSignal,
  ): { outcome: Promise<CarryOutcome>; sink: SegmentSink }
  close(): void
}

export function createLocalCarrier({ clock, timings, open = openSocket }: CarrierNeeds): LocalCarrier {
  const idle: { readonly key: string; readonly socket: ByteSocket; readonly memory: Buffer }[] = []

  async function connection(to: ByteOrigin, isFresh: boolean, signal: AbortSignal) {
    const key = `${to.origin} ${to.proxy}`
    for (let index = idle.length - 1; !isFresh && index >= 0; index--) {
      const kept = idle[index]
      if (kept?.key !== key) continue
      idle.splice(index, 1)
      if (kept.socket.isOpen) return { ...kept, isReused: true }
    }
    const socket = await withinTime(clock, timings.connectMs, signal, (inTime) => open(to, inTime))
    return { key, socket, memory: Buffer.allocUnsafeSlow(READ_MEMORY), isReused: false }
  }

  async function carry(job: LocalJob, pace: Pace, events: CarryEvents, sink: SegmentSink, signal: AbortSignal) {
    for (let isFresh = false; ; isFresh = true) {
      const { key, socket, memory, isReused } = await connection(job.to, isFresh, signal)
      const isHeardBefore = { value: false }
      const paced = {
        begin: sink.begin,
        space: sink.space,
        take: (bytes: Uint8Array) => takePaced(sink, bytes, pace, signal),
      }
      const onHead: CarryEvents['head'] = (headers) => events.head(headers)
      const read = readRange(
        { clock, timings },
        socket,
        {
          asked: job.asked,
          memory,
          sink: paced,
          pace,
          onHead,
          onFirstByte: () => {
            isHeardBefore.value = true
          },
        },
        signal,
      )
      socket.write(requestText(job))
      try {
        const { outcome, mayReuse } = await read
        if (mayReuse && socket.isOpen && idle.length < MOST_IDLE) idle.push({ key, socket, memory })
        else socket.destroy()
        return outcome
      } catch (error) {
        // A kept connection may have been closed by the other side in the same moment (RFC 9112 §9.5): that is no failure of the network.
        if (isReused && !isHeardBefore.value && isCut(error) && !signal.aborted) continue
        throw error
      }
    }
  }

  return {
    carry(job, pace, events, signal) {
      const sink = createSegmentSink(job, job.access, events)
      return { outcome: carry(job, pace, events, sink, signal), sink }
    },
    close() {
      for (const { socket } of idle.splice(0)) socket.destroy()
    },
  }
}

/** A carrier whose sockets and disk are those of this thread: for disks and networks that are not the system's own. */
export function openCarrier(needs: CarrierNeeds): Carrier {
  const local = createLocalCarrier(needs)
  return {
    carry(job, pace, events, signal) {
      const access: PartAccess = {
        write: (bytes, offset) => job.part.write(bytes, offset),
        hash: (offset, length) => job.part.hash(offset, length, signal),
        note: (segment, bytes) => job.hints.note(segment, bytes),
      }
      const { outcome, sink } = local.carry({ ...job, access }, pace, events, signal)
      return { outcome, shorten: async (end) => sink.shorten(end) }
    },
    close: async () => local.close(),
  }
}

function takePaced(sink: SegmentSink, bytes: Uint8Array, pace: Pace, signal: AbortSignal): boolean | Promise<boolean> {
  const taken = sink.take(bytes)
  if (!pace.isLimited()) return taken
  return Promise.resolve(taken).then(async (wantsMore) => {
    await pace.take(bytes.byteLength, signal)
    return wantsMore
  })
}

function requestText({ to, path, headers, asked }: LocalJob): string {
  const lines = {
    Host: new URL(to.origin).host,
    'User-Agent': 'MixMint',
    Connection: 'keep-alive',
    ...headers,
    'Accept-Encoding': 'identity',
    Range: `bytes=${asked.start}-${asked.end}`,
    'If-Match': asked.etag,
  }
  const text = Object.entries(lines).map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, ' ')}\r\n`)
  return `GET ${path} HTTP/1.1\r\n${text.join('')}\r\n`
}

function isCut(error: unknown): boolean {
  const cause = error instanceof AppError && error.code === 'offline' ? error.detail?.['cause'] : null
  return cause === 'closed' || cause === 'ECONNRESET' || cause === 'EPIPE'
}

async function withinTime<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const stop = clock.after(ms, () => late.abort(new AppError('offline', undefined, { cause: 'ETIMEDOUT' })))
  try {
    return await work(AbortSignal.any([signal, late.signal]))
  } finally {
    stop()
  }
}
