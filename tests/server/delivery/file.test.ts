import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeEachEngine } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { stockTracks } from '../../_kit/shop.ts'
import {
  addDevice,
  buy,
  type DeliveryServer,
  giveFile,
  type StoredFile,
  startDeliveryServer,
} from './delivery-server.ts'
import { attemptRow, codeOf, complete, get, init, tokenFor } from './listener.ts'

const ANA = { who: 'ana', device: 'laptop' } as const
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describeEachEngine('download of a file', (openDatabase) => {
  let server: DeliveryServer
  let song: StoredFile
  beforeAll(async () => {
    const { db } = await openDatabase()
    await seedPeople(db)
    server = await startDeliveryServer(db)
    await stockTracks(db, [{ name: 'song', isReady: false }], server.clock)
    song = await giveFile(server, 'song', randomBytes(9_000_000), { fileName: 'Été’s (1).wav' })
    await addDevice(server, 'ana', 'laptop')
    await buy(server, 'ana', 'song')
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('R-MM-46: parts fetched with single-use tokens make the very file, and complete proves it', async () => {
    const want: [number, number][] = [
      [0, 3_999_999],
      [4_000_000, 8_999_999],
    ]
    const { status, body } = await init(server, ANA, song, { want })
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body.object).toMatchObject({ sizeBytes: 9_000_000, sha256: song.sha256, etag: `"sha256-${song.sha256}"` })
    const parts = await Promise.all(body.tokens.map(({ token, range }) => get(server, ANA, token, { range })))
    expect(parts.map((part) => part.status)).toEqual([206, 206])
    expect(sha256(Buffer.concat(parts.map((part) => part.body)))).toBe(song.sha256)
    expect(await complete(server, ANA, body.attempt.id, song.segmentRoot)).toEqual({ status: 200, state: 'delivered' })
    expect(await attemptRow(server, body.attempt.id)).toMatchObject({
      state: 'delivered',
      bytes_served: 9_000_000,
      bytes_reserved: 0,
    })
  })

  test('R-MM-43: the same token again: 409', async () => {
    const { token } = await tokenFor(server, ANA, song)
    expect((await get(server, ANA, token)).status).toBe(200)
    const again = await get(server, ANA, token)
    expect([again.status, codeOf(again)]).toEqual([409, 'token-used'])
  })
})
