import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PackEntry } from '../../../contract/delivery.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { type FaultServer, startFaultServer } from '../../_kit/fault-server.ts'
import { type SparseObject, sparseObject } from '../../_kit/sparse-object.ts'
import { openTransferRig } from '../../_kit/transfer-rig.ts'

/** What 32 bits can not count. */
const EDGE = 2 ** 32
/** No multiple of it is `EDGE`, so one segment lies across. */
const SEGMENT = 6 * 2 ** 20
const ACROSS = Math.floor(EDGE / SEGMENT)
const SIZE = EDGE + 5 * SEGMENT - 1_000
/** Hashing what is here takes seconds. */
const TIMEOUT_MS = 120_000

let folder: string
let server: FaultServer

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-large-'))
  server = await startFaultServer()
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

function openRig() {
  return openTransferRig({
    folder,
    address: server.address,
    settings: { connectionsPerFile: 4, fileNameTemplate: '{title}' },
  })
}

/** An earlier start of the program has brought everything but the segments that hold more than zeros. */
async function bringAllButFilled({ served, filled }: SparseObject): Promise<string> {
  server.serve(served)
  server.rules.file = ({ socket }) => void socket.destroy()
  const rig = await openRig()
  const { id } = await rig.delivery.start(undefined, { ...served.content, title: 'Large', artist: 'Nia' })
  await rig.until(async () => server.seen.files > 0)
  await rig.delivery.pauseAll(undefined, {})
  await rig.close()
  server.rules.file = (request) => request.honest()
  await truncate(path.join(rig.staging, `${id}.part`), SIZE)
  const database = new DatabaseSync(path.join(path.dirname(rig.staging), 'local.sqlite'))
  const keep = database.prepare('insert or ignore into download_segments (download_id, segment) values (?, ?)')
  for (let segment = 0; segment < served.segmentSha256.length; segment++)
    if (!filled.has(segment)) keep.run(id, segment)
  database.close()
  Object.assign(server.seen, { fileBytes: 0, ranges: [] })
  return id
}

/** Bytes of the segments that are to be fetched. */
function missingBytes({ filled }: SparseObject): number {
  return [...filled].reduce((sum, segment) => sum + Math.min(SEGMENT, SIZE - segment * SEGMENT), 0)
}

async function readAt(place: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(place)
  try {
    return (await file.read(Buffer.alloc(length), 0, length, offset)).buffer
  } finally {
    await file.close()
  }
}

describe('G1 case 68: sizes and offsets above 4 GiB', () => {
  it('a file goes on across 2³² bytes, where its line breaks as well, and nothing that was here comes again', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const content: ContentRef = { contentType: 'track', contentId: randomUUID() }
    const islands = new Map([
      [17, randomBytes(100)],
      [EDGE - SEGMENT, randomBytes(2 * SEGMENT)],
      [SIZE - 5_000, randomBytes(5_000)],
    ])
    const object = sparseObject(content, { size: SIZE, segmentSize: SEGMENT }, islands)
    expect([...object.filled]).toEqual(expect.arrayContaining([0, ACROSS - 1, ACROSS, ACROSS + 1]))
    const id = await bringAllButFilled(object)
    let cuts = 0
    server.rules.file = (request) => {
      const { range, head, bytes, send, socket, honest } = request
      if (range[0] < EDGE - SEGMENT || cuts === 2) return honest()
      cuts += 1
      send(head(), bytes().subarray(0, 1_000_000))
      setTimeout(() => socket.destroy(), 20)
    }
    const rig = await openRig()
    try {
      await rig.delivery.resumeAll(undefined, {})
      const done = await rig.reached(id, 'done', 'failed')
      expect(done).toMatchObject({ status: 'done', totalBytes: SIZE, receivedBytes: SIZE })
      expect(cuts).toBeGreaterThan(0)
      expect(server.seen.ranges.some(([start, last]) => start > EDGE && start % SEGMENT !== 0 && last > start)).toBe(
        true,
      )
      expect(server.seen.fileBytes).toBe(missingBytes(object))
      await rig.until(async () => server.attempts().every((state) => state === 'delivered'))
      const [name = ''] = (await readdir(rig.library)).filter((one) => !one.startsWith('.'))
      const place = path.join(rig.library, name)
      expect((await stat(place)).size).toBe(SIZE)
      for (const [offset, bytes] of islands)
        expect((await readAt(place, offset, bytes.length)).equals(bytes), `at ${offset}`).toBe(true)
      expect((await readAt(place, EDGE + 2 * SEGMENT, SEGMENT)).equals(Buffer.alloc(SEGMENT))).toBe(true)
    } finally {
      await rig.close()
    }
  })

  it('the tracks of a pack are taken from below, across and above 2³² bytes', { timeout: TIMEOUT_MS }, async () => {
    const content: ContentRef = { contentType: 'album', contentId: randomUUID() }
    const tracks = new Map([
      [EDGE - 90_000, randomBytes(50_000)],
      [EDGE - 30_000, randomBytes(70_000)],
      [SIZE - 80_000, randomBytes(60_000)],
    ])
    const object = sparseObject(content, { size: SIZE, segmentSize: SEGMENT }, tracks)
    const contents = [...tracks].map(
      ([offset, bytes], index): PackEntry => ({
        ...{ trackId: randomUUID(), position: index + 1, fileName: `${index + 1}.wav`, offset },
        ...{ sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), audioSha256: null },
      }),
    )
    const id = await bringAllButFilled({ ...object, served: { ...object.served, contents } as SparseObject['served'] })
    const rig = await openRig()
    try {
      await rig.delivery.resumeAll(undefined, {})
      expect(await rig.reached(id, 'done', 'failed')).toMatchObject({ status: 'done', totalBytes: SIZE })
      expect(server.seen.fileBytes).toBe(missingBytes(object))
      const names = (await readdir(rig.library)).filter((one) => !one.startsWith('.')).sort()
      const found = await Promise.all(names.map((name) => readAt(path.join(rig.library, name), 0, 70_001)))
      expect(found.map(({ length }) => length)).toHaveLength(3)
      for (const bytes of tracks.values())
        expect(found.some((one) => one.subarray(0, bytes.length).equals(bytes))).toBe(true)
      expect(await readdir(rig.staging)).toEqual([])
    } finally {
      await rig.close()
    }
  })
})
