import { createHash } from 'node:crypto'
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { delivery } from '../../../contract/delivery.ts'
import { identity } from '../../../contract/identity.ts'
import { library } from '../../../contract/library.ts'
import { asCaller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { publishPack } from '../../../server/publishing/publish-pack.ts'
import { freshDatabase, type TestDatabase } from '../../_kit/databases.ts'
import { SERVICE, seedPeople } from '../../_kit/people.ts'
import { seededRandom } from '../../_kit/seeded.ts'
import { idOf, stockPack, stockTracks } from '../../_kit/shop.ts'
import { type CoreUnderTest, startCore } from '../../_kit/start-core.ts'
import { startTestServer, type TestServer } from '../../_kit/start-server.ts'
import { fastClock } from '../../_kit/transfer-rig.ts'
import { until } from '../../_kit/until.ts'
import { giveFile } from '../../server/delivery/delivery-server.ts'

const TRACKS = ['one', 'two', 'three', 'four']
/** More than a segment, so that a track is a part of the zip only. */
const TRACK_BYTES = 5_000_000
const SEGMENT_BYTES = 4 * 1024 * 1024
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe('a damaged track of a pack, from the real server', () => {
  let database: TestDatabase
  let server: TestServer
  let desktop: CoreUnderTest
  let workFolder: string

  beforeAll(async () => {
    workFolder = await mkdtemp(path.join(tmpdir(), 'mixmint-zip-'))
    database = await freshDatabase('PostgreSQL')
    await seedPeople(database.db)
    server = await startTestServer({ db: database.db })
    for (const name of TRACKS) {
      await stockTracks(database.db, [{ name, isReady: false }], server.clock)
      await giveFile({ services: server.services, asService }, name, seededRandom(name).bytes(TRACK_BYTES))
    }
    await stockPack(database.db, { name: 'pack', tracks: TRACKS }, server.clock)
    await publishPack(server.services, { id: idOf('pack'), title: 'Pack', artist: 'Nova' }, workFolder)
    desktop = await startCore({ serverAddress: server.address, clock: fastClock(10) })
    await desktop.call(identity.signUp, { email: 'packs@people.example', password: 'a password of nine words' })
    const { id: user_id } = await desktop.call(identity.me, {})
    const purchase = { user_id, content_type: 'album' as const, content_id: idOf('pack') }
    await asService((tx) => tx.insertInto('purchases').values(purchase).execute())
    await desktop.call(library.refresh, {})
  })
  afterAll(async () => {
    await desktop[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
    await rm(workFolder, { recursive: true })
  })

  function asService<T>(work: (tx: ServerTransaction) => Promise<T>): Promise<T> {
    return asCaller(database.db, SERVICE, work, { clock: server.clock })
  }

  async function hashesHere(): Promise<Map<string, string>> {
    const folder = path.join(desktop.folder, 'Library')
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'))
    const places = names.map((name) => path.join(folder, name))
    return new Map(await Promise.all(places.map(async (place) => [sha256(await readFile(place)), place] as const)))
  }

  const attempts = () =>
    asService((tx) => tx.selectFrom('download_attempts').select(['state', 'bytes_served']).execute())
  const repairTokens = () =>
    asService((tx) =>
      tx.selectFrom('download_tokens').select(['range_start', 'range_end']).where('is_repair', '=', true).execute(),
    )

  it('DL14, R-DC-26: comes back by the segments that hold it, under the attempt that was paid, and nothing else is touched', async () => {
    const right = TRACKS.map((name) => sha256(seededRandom(name).bytes(TRACK_BYTES)))
    await desktop.call(delivery.start, { contentType: 'album', contentId: idOf('pack') })
    const isDone = async () => {
      const { downloads } = await desktop.call(delivery.list, {})
      return downloads.length > 0 && downloads.every(({ status }) => status === 'done')
    }
    await until('the pack is here', isDone)
    await until('the server knows', async () => (await attempts()).every(({ state }) => state === 'delivered'))
    const before = await hashesHere()
    expect([...before.keys()].toSorted()).toEqual(right.toSorted())
    const [, , third = ''] = right
    const place = before.get(third) ?? ''
    const file = await open(place, 'r+')
    await file.write('damage', TRACK_BYTES / 2)
    await file.close()
    const [paid] = await attempts()
    const repair = await desktop.call(library.repair, {})
    expect(repair).toMatchObject({ checked: 4, here: 3, damaged: 1, missing: 0, queued: 1 })
    await until('the track is right again', async () => sha256(await readFile(place)) === third && (await isDone()))
    expect(await hashesHere()).toEqual(before)
    const after = await attempts()
    expect(after.map(({ state }) => state)).toEqual(['delivered'])
    expect(Number(after[0]?.bytes_served)).toBeGreaterThan(Number(paid?.bytes_served))
    // The third of four tracks of 5,000,000 bytes lies in the third and fourth segment of the zip.
    const tokens = await repairTokens()
    expect(tokens).not.toEqual([])
    for (const { range_start, range_end } of tokens) {
      expect(Number(range_start)).toBeGreaterThanOrEqual(2 * SEGMENT_BYTES)
      expect(Number(range_end)).toBeLessThan(4 * SEGMENT_BYTES)
    }
  }, 60_000)
})
