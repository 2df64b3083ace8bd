import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBegunHints } from '../../main/core/delivery/begun-hints.ts'
import { openCarrier } from '../../main/core/delivery/bytes/open-carrier.ts'
import { openPartFile } from '../../main/core/delivery/part-file.ts'
import { createSegmentLedger } from '../../main/core/delivery/segment-ledger.ts'
import { TIMINGS } from '../../main/core/delivery/timings.ts'
import { transfer } from '../../main/core/delivery/transfer.ts'
import { realDisk } from '../../main/core/library/disk.ts'
import { fastClock } from '../_kit/transfer-rig.ts'

const SEGMENT = 256 * 1024

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-split-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A server that sends the answers whose begin `isSlow` names one slice at a time, and counts what it sent. */
async function startServer(bytes: Buffer, isSlow: (start: number, request: number) => boolean) {
  const sockets = new Set<Socket>()
  const seen = { sent: 0, requests: [] as [number, number][] }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (text: Buffer) => {
      const match = /range: bytes=(\d+)-(\d+)/i.exec(text.toString('latin1'))
      const [start, end] = [Number(match?.[1]), Number(match?.[2])]
      seen.requests.push([start, end])
      const slow = isSlow(start, seen.requests.length)
      socket.write(
        `HTTP/1.1 206 P\r\nContent-Length: ${end - start + 1}\r\nContent-Range: bytes ${start}-${end}/${bytes.length}\r\nETag: "x"\r\n\r\n`,
      )
      let at = start
      const timer = setInterval(
        () => {
          if (socket.destroyed || at > end) return clearInterval(timer)
          const piece = bytes.subarray(at, Math.min(end + 1, at + (slow ? 2048 : 64 * 1024)))
          seen.sent += piece.length
          at += piece.length
          socket.write(piece)
        },
        slow ? 20 : 1,
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    seen,
    origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function fetchFrom(origin: string, bytes: Buffer, connections: number): Promise<Buffer> {
  const clock = fastClock(1)
  const timings = { ...TIMINGS, connectionWorthBytes: SEGMENT, lookMs: 50 }
  const segmentSha256 = Array.from({ length: Math.ceil(bytes.length / SEGMENT) }, (_, index) =>
    createHash('sha256')
      .update(bytes.subarray(index * SEGMENT, (index + 1) * SEGMENT))
      .digest('hex'),
  )
  const object = {
    sizeBytes: bytes.length,
    etag: '"x"',
    sha256: '',
    segmentSize: SEGMENT,
    segmentSha256,
    segmentRoot: '',
    audioSha256: null,
    fileName: 'x.wav',
    mimeType: 'audio/wav',
  }
  const carrier = openCarrier({ clock, timings })
  await using part = await openPartFile(realDisk, path.join(folder, 'x.part'), bytes.length)
  await using hints = await openBegunHints(realDisk, path.join(folder, 'x.begun'), true)
  const kept: number[] = []
  await transfer(
    {
      clock,
      timings,
      carrier,
      network: { isOnline: () => true, report: () => {}, onChange: () => () => {} },
      signed: {
        address: () => origin,
        proxy: () => null,
        headers: async () => ({}),
        noteAnswer: () => {},
        renewSession: async () => {},
      },
    },
    {
      object,
      part,
      hints,
      ledger: createSegmentLedger(object),
      journal: {
        read: () => [],
        keep: (segment) => kept.push(segment),
        forget: () => {},
        forgetAll: () => {},
        distrust: () => {},
        isDistrusted: () => false,
        flush: () => {},
      },
      desk: {
        open: () => Promise.reject(new Error('not asked for')),
        atHand: () => null,
        tokenFor: async () => 'token',
        noteFailure: () => {},
      },
      pace: { isLimited: () => false, take: async () => {} },
      connections: () => connections,
      signal: new AbortController().signal,
      onBytes: () => {},
      onSegment: () => {},
    },
  )
  await carrier.close()
  expect(kept.toSorted((a, b) => a - b)).toEqual(segmentSha256.map((_, index) => index))
  return await readFile(part.path)
}

describe('DL4: the rest of a slow connection is split', () => {
  it('whole segments of a slow range go to the connections that are free', { timeout: 30_000 }, async () => {
    const bytes = randomBytes(8 * SEGMENT)
    await using server = await startServer(bytes, (start, request) => start === 0 && request <= 2)
    expect(await fetchFrom(server.origin, bytes, 2)).toEqual(bytes)
    expect(server.seen.requests.length).toBeGreaterThan(2)
    // What the slow connection had sent and nobody took is at most what lies between the two programs.
    expect(server.seen.sent).toBeLessThan(bytes.length + SEGMENT)
  })

  it('at the very end the rest of one segment comes over two connections, and is proved where it lies', {
    timeout: 30_000,
  }, async () => {
    const bytes = randomBytes(SEGMENT)
    await using server = await startServer(bytes, (_, request) => request === 1)
    expect(await fetchFrom(server.origin, bytes, 4)).toEqual(bytes)
    expect(server.seen.requests.length).toBeGreaterThan(1)
    expect(server.seen.requests[1]?.[0]).toBeGreaterThan(0)
    expect(server.seen.sent).toBeLessThan(bytes.length * 1.1)
  })
})
