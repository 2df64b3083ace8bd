import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BegunHints, openBegunHints } from '../../main/core/delivery/begun-hints.ts'
import type { Carrier, CarryEvents, CarryJob, Pace } from '../../main/core/delivery/bytes/carrier.ts'
import { openCarrier } from '../../main/core/delivery/bytes/open-carrier.ts'
import { openWorkerCarrier } from '../../main/core/delivery/bytes/worker-carrier.ts'
import { openPartFile, type PartFile } from '../../main/core/delivery/part-file.ts'
import { TIMINGS } from '../../main/core/delivery/timings.ts'
import { realDisk } from '../../main/core/library/disk.ts'
import { fastClock } from '../_kit/transfer-rig.ts'

const SEGMENT = 256 * 1024
const SIZE = 5 * SEGMENT - 77
const BYTES = randomBytes(SIZE)
const HASHES = Array.from({ length: 5 }, (_, index) =>
  createHash('sha256')
    .update(BYTES.subarray(index * SEGMENT, (index + 1) * SEGMENT))
    .digest('hex'),
)
const TIMES = { ...TIMINGS, idleMs: 400, headersMs: 400, connectMs: 400 }
const FREE: Pace = { isLimited: () => false, take: async () => {} }

type Answer = (socket: Socket, start: number, end: number) => void
let folder: string
let part: PartFile
let hints: BegunHints
let origin: string
let answer: Answer
let connections: number
let close: () => Promise<void>

const head = (start: number, end: number) =>
  `HTTP/1.1 206 Partial Content\r\nContent-Type: audio/wav\r\nContent-Length: ${end - start + 1}\r\nContent-Range: bytes ${start}-${end}/${SIZE}\r\nETag: "x"\r\n\r\n`
const honest: Answer = (socket, start, end) => {
  socket.write(head(start, end))
  socket.write(BYTES.subarray(start, end + 1))
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-carrier-'))
  part = await openPartFile(realDisk, path.join(folder, 'x.part'), SIZE)
  hints = await openBegunHints(realDisk, path.join(folder, 'x.begun'), true)
  answer = honest
  connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (text: Buffer) => {
      const match = /range: bytes=(\d+)-(\d+)/i.exec(text.toString('latin1'))
      answer(socket, Number(match?.[1]), Number(match?.[2]))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
})

afterEach(async () => {
  await hints[Symbol.asyncDispose]()
  await part.close()
  await close()
  await rm(folder, { recursive: true })
})

function jobFor(start: number, end: number): CarryJob {
  const first = Math.floor(start / SEGMENT)
  return {
    to: { origin, proxy: null },
    path: '/x?token=t',
    headers: {},
    asked: { start, end, size: SIZE, etag: '"x"' },
    segmentSize: SEGMENT,
    segments: HASHES.slice(first, Math.floor(end / SEGMENT) + 1),
    beginsInside: false,
    endsInside: (end + 1) % SEGMENT !== 0 && end + 1 !== SIZE,
    part,
    hints,
  }
}

function recorder() {
  const proved: [number, boolean][] = []
  let bytes = 0
  let heardNext = () => {}
  const events: CarryEvents = {
    head: () => {},
    bytes: (count) => {
      bytes += count
      heardNext()
    },
    segment: (segment, isRight) => proved.push([segment, isRight]),
  }
  return {
    events,
    proved,
    bytes: () => bytes,
    someBytes: () =>
      new Promise<void>((resolve) => {
        heardNext = resolve
      }),
  }
}

const HOSTS: readonly (readonly [string, () => Carrier])[] = [
  ['in this thread', () => openCarrier({ clock: fastClock(1), timings: TIMES })],
  ['in worker threads', () => openWorkerCarrier({ timings: TIMES, threads: 2 })],
]

describe.each(HOSTS)('R-DC-12: a carrier %s', (_, open) => {
  let carrier: Carrier
  beforeEach(() => {
    carrier = open()
  })
  afterEach(() => carrier.close())

  it('brings every byte to its place and proves every segment', async () => {
    const heard = recorder()
    const { outcome } = carrier.carry(jobFor(0, SIZE - 1), FREE, heard.events, new AbortController().signal)
    expect(await outcome).toEqual({ kind: 'taken' })
    expect(heard.proved).toEqual(HASHES.map((__, index) => [index, true]))
    expect(heard.bytes()).toBe(SIZE)
    expect(await readFile(part.path)).toEqual(BYTES)
  })

  it('asks again over the same connection, and over a new one when the server has closed it meanwhile', async () => {
    const signal = new AbortController().signal
    const run = (from: number) => {
      const job = jobFor(from * SEGMENT, (from + 1) * SEGMENT - 1)
      return carrier.carry(job, FREE, recorder().events, signal).outcome
    }
    await run(0)
    await run(1)
    expect(connections).toBe(1)
    answer = (socket) => socket.destroy()
    const cut = run(2)
    answer = (socket, start, end) => (connections === 1 ? socket.destroy() : honest(socket, start, end))
    expect(await cut).toEqual({ kind: 'taken' })
    expect(connections).toBe(2)
  })

  it('keeps what came before a cut, and says how far it is', async () => {
    answer = (socket, start, end) => {
      socket.write(head(start, end))
      socket.end(BYTES.subarray(start, start + SEGMENT + 1000))
    }
    const heard = recorder()
    const { outcome } = carrier.carry(jobFor(0, SIZE - 1), FREE, heard.events, new AbortController().signal)
    await expect(outcome).rejects.toMatchObject({ code: 'offline', detail: { cause: 'cut' } })
    expect(heard.proved).toEqual([[0, true]])
    expect(heard.bytes()).toBe(SEGMENT + 1000)
  })

  it('an abort ends it, and nothing is written afterwards', async () => {
    answer = (socket, start, end) => {
      socket.write(head(start, end))
      socket.write(BYTES.subarray(start, start + 100_000))
    }
    const heard = recorder()
    const stop = new AbortController()
    const { outcome } = carrier.carry(jobFor(0, SIZE - 1), FREE, heard.events, stop.signal)
    await heard.someBytes()
    stop.abort(new Error('paused'))
    await expect(outcome).rejects.toThrow('paused')
    const size = await part.size()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await part.size()).toBe(size)
  })

  it('a body that stalls and a server that says nothing are told apart', async () => {
    answer = (socket, start, end) => {
      socket.write(head(start, end))
      socket.write(BYTES.subarray(start, 10))
    }
    const signal = new AbortController().signal
    const stalled = carrier.carry(jobFor(0, SIZE - 1), FREE, recorder().events, signal)
    await expect(stalled.outcome).rejects.toMatchObject({ code: 'offline', detail: { cause: 'idle' } })
    answer = () => {}
    const silent = carrier.carry(jobFor(0, SIZE - 1), FREE, recorder().events, signal)
    await expect(silent.outcome).rejects.toMatchObject({ code: 'offline', detail: { cause: 'no-headers' } })
  })

  it('a problem is handed on with its body, also in chunks', async () => {
    for (const body of [
      'Content-Length: 17\r\n\r\n{"code":"ip-lock"}',
      'Transfer-Encoding: chunked\r\n\r\n11\r\n{"code":"ip-lock}\r\n0\r\n\r\n',
    ]) {
      answer = (socket) => socket.write(`HTTP/1.1 403 No\r\nContent-Type: application/problem+json\r\n${body}`)
      const { outcome } = carrier.carry(jobFor(0, SIZE - 1), FREE, recorder().events, new AbortController().signal)
      const said = await outcome
      expect(said).toMatchObject({ kind: 'problem', status: 403 })
      expect(said.kind === 'problem' && said.body.toString().startsWith('{"code":"ip-lock')).toBe(true)
    }
  })

  it('a range is shortened while it comes: what follows is left to others', async () => {
    let goOn = () => {}
    answer = (socket, start, end) => {
      socket.write(head(start, end))
      socket.write(BYTES.subarray(start, start + 1000))
      goOn = () => socket.write(BYTES.subarray(start + 1000, end + 1))
    }
    const heard = recorder()
    const carrying = carrier.carry(jobFor(0, SIZE - 1), FREE, heard.events, new AbortController().signal)
    await heard.someBytes()
    expect(await carrying.shorten(2 * SEGMENT - 1)).toBe(2 * SEGMENT - 1)
    goOn()
    expect(await carrying.outcome).toEqual({ kind: 'taken' })
    expect(heard.proved).toEqual([
      [0, true],
      [1, true],
    ])
    expect(await part.size()).toBe(2 * SEGMENT)
  })

  it('a limit that is set while bytes come holds them, and one that goes lets them on', async () => {
    const state = { isLimited: true, taken: 0, free: () => {} }
    const freed = new Promise<void>((resolve) => {
      state.free = resolve
    })
    const pace: Pace = {
      isLimited: () => state.isLimited,
      async take(bytes) {
        state.taken += bytes
        if (state.taken > SEGMENT) await freed
      },
    }
    const heard = recorder()
    const { outcome } = carrier.carry(jobFor(0, SIZE - 1), pace, heard.events, new AbortController().signal)
    while (state.taken <= SEGMENT) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(heard.bytes()).toBeLessThan(2 * SEGMENT)
    state.isLimited = false
    state.free()
    expect(await outcome).toEqual({ kind: 'taken' })
    expect(await readFile(part.path)).toEqual(BYTES)
  })
})
