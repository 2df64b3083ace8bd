import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeEachEngine, type TestDatabase } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { stockTracks, subscribe } from '../../_kit/shop.ts'
import {
  addDevice,
  buy,
  type DeliveryServer,
  giveFile,
  giveFormat,
  type StoredFile,
  startDeliveryServer,
} from './delivery-server.ts'
import { type Answer, attemptRow, cancel, complete, get, init } from './listener.ts'

const ANA = { who: 'ana', device: 'laptop' } as const
const ANAS_OTHER = { who: 'ana', device: 'desktop' } as const
const BO = { who: 'bo', device: 'laptop' } as const
const VEGA = { who: 'vega', device: 'laptop' } as const
const WAV_BYTES = 2_000_000
const FLAC_BYTES = 900_000
const HOURS_73 = 73 * 3_600_000

describeEachEngine('DL14: formats of one track', (openDatabase) => {
  let database: TestDatabase
  let server: DeliveryServer
  let count = 0

  beforeAll(async () => {
    database = await openDatabase()
    await seedPeople(database.db)
    server = await startDeliveryServer(database.db)
    for (const { who, device } of [ANA, ANAS_OTHER, BO, VEGA]) await addDevice(server, who, device)
  })
  afterAll(() => server[Symbol.asyncDispose]())
  // Each test has a minute of its own, and with it its own rate limits.
  beforeEach(() => server.clock.advance(60_000))

  /** A new track with a WAV as its master and a FLAC beside it; ana bought it unless told otherwise. */
  async function newSong({ bought = true, attemptLimit = 5 } = {}): Promise<{ wav: StoredFile; flac: StoredFile }> {
    count += 1
    const name = `song ${count}`
    await stockTracks(server.db, [{ name, isReady: false }], server.clock)
    const wav = await giveFile(server, name, randomBytes(WAV_BYTES))
    const flac = await giveFormat(server, name, 'flac', randomBytes(FLAC_BYTES))
    if (bought) await buy(server, 'ana', name)
    await server.asService((tx) =>
      tx.updateTable('tracks').set({ attempt_limit: attemptLimit }).where('id', '=', wav.contentId).execute(),
    )
    return { wav, flac }
  }

  const codeOf = ({ status, body }: Answer<{ code?: string }>): [number, string | undefined] => [status, body.code]

  test('gives the format that is asked for: its object, its hashes, its bytes and its name', async () => {
    const { wav, flac } = await newSong()
    const { body } = await init(server, ANA, wav, { format: 'flac', want: [[0, FLAC_BYTES - 1]] })
    expect(body.object).toMatchObject({
      sha256: flac.sha256,
      sizeBytes: FLAC_BYTES,
      segmentRoot: flac.segmentRoot,
      mimeType: 'audio/flac',
      fileName: expect.stringMatching(/\.flac$/),
    })
    const file = await get(server, ANA, body.tokens[0]?.token ?? '')
    expect(file.body.equals(flac.bytes)).toBe(true)
    expect(file.headers['content-disposition']).toMatch(/\.flac$/)
    expect(await complete(server, ANA, body.attempt.id, wav.segmentRoot)).toMatchObject({ status: 409 })
    expect(await complete(server, ANA, body.attempt.id, flac.segmentRoot)).toMatchObject({ status: 200 })
  })

  test('without a format: that of the open attempt, of the named one, else the master', async () => {
    const { wav, flac } = await newSong()
    expect((await init(server, ANAS_OTHER, wav)).body.object.sha256).toBe(wav.sha256)
    const first = await init(server, ANA, wav, { format: 'flac' })
    const again = await init(server, ANA, wav)
    expect(again.body.attempt).toMatchObject({ id: first.body.attempt.id, isReused: true })
    expect(again.body.object).toMatchObject({ sha256: flac.sha256, fileName: expect.stringMatching(/\.flac$/) })
    await complete(server, ANA, first.body.attempt.id, flac.segmentRoot)
    expect((await init(server, ANA, wav)).body.object.sha256).toBe(wav.sha256)
    const repair = await init(server, ANA, wav, { attemptId: first.body.attempt.id })
    expect(repair.body).toMatchObject({ attempt: { isRepair: true }, object: { sha256: flac.sha256 } })
  })

  test('both are fetched side by side: neither ends the attempt of the other', async () => {
    const { wav, flac } = await newSong()
    const a = await init(server, ANA, wav, { format: 'wav', want: [[0, WAV_BYTES - 1]] })
    const b = await init(server, ANA, wav, { format: 'flac', want: [[0, FLAC_BYTES - 1]] })
    expect(b.body.attempt.id).not.toBe(a.body.attempt.id)
    const files = await Promise.all([a, b].map(({ body }) => get(server, ANA, body.tokens[0]?.token ?? '')))
    expect(files.map(({ body }) => body.length)).toEqual([WAV_BYTES, FLAC_BYTES])
    expect(await complete(server, ANA, a.body.attempt.id, wav.segmentRoot)).toMatchObject({ status: 200 })
    expect(await complete(server, ANA, b.body.attempt.id, flac.segmentRoot)).toMatchObject({ status: 200 })
  })

  test('another format of what was charged uses up nothing; the same format again does', async () => {
    const { wav, flac } = await newSong({ attemptLimit: 2 })
    const left: number[] = []
    for (const format of ['wav', 'flac', 'wav', 'flac']) {
      const { body } = await init(server, ANA, wav, { format })
      left.push(body.entitlement.attemptsLeft)
      await complete(server, ANA, body.attempt.id, (format === 'wav' ? wav : flac).segmentRoot)
    }
    expect(left).toEqual([1, 1, 0, 0])
    for (const format of ['wav', 'flac'])
      expect(codeOf(await init(server, ANA, wav, { format }))).toEqual([403, 'attempts-exhausted'])
  })

  test('R-MM-48: an attempt whose time ran out is opened again for its own format', async () => {
    const { wav } = await newSong({ attemptLimit: 1 })
    const { body } = await init(server, ANA, wav, { format: 'flac', want: [[0, FLAC_BYTES - 1]] })
    await get(server, ANA, body.tokens[0]?.token ?? '')
    server.clock.advance(HOURS_73)
    const other = await init(server, ANA, wav, { format: 'wav' })
    expect(other.body.attempt).toMatchObject({ isReused: false })
    const again = await init(server, ANA, wav, { format: 'flac' })
    expect(again.body.attempt).toMatchObject({ id: body.attempt.id, isReused: true })
  })

  test('R-MM-49: a plan pays one unit for a track in all its formats, and gets it back only when none was kept', async () => {
    const { wav } = await newSong({ bought: false })
    const { usageId } = await subscribe(server.db, { who: 'bo', dj: 'nova', tracks: 1 }, server.clock)
    const used = async (): Promise<number> => {
      const row = await server.asService((tx) =>
        tx.selectFrom('subscription_usage').select('tracks_used').where('id', '=', usageId).executeTakeFirstOrThrow(),
      )
      return row.tracks_used
    }
    const a = await init(server, BO, wav)
    const b = await init(server, BO, wav, { format: 'flac' })
    expect([a.status, b.status, await used()]).toEqual([200, 200, 1])
    await cancel(server, BO, a.body.attempt.id)
    expect(await used()).toBe(1)
    await cancel(server, BO, b.body.attempt.id)
    expect(await used()).toBe(0)
  })

  test('the id of an attempt on another format is as if it were left out; the budget stays that of each attempt', async () => {
    const { wav } = await newSong()
    const first = await init(server, ANA, wav, { format: 'wav' })
    const other = await init(server, ANA, wav, { attemptId: first.body.attempt.id, format: 'flac' })
    expect(other.body.attempt).toMatchObject({ isReused: false, byteBudget: 3 * FLAC_BYTES + 64 * 1024 * 1024 })
    expect(other.body.attempt.id).not.toBe(first.body.attempt.id)
    expect((await attemptRow(server, first.body.attempt.id)).state).toBe('reserved')
    const back = await init(server, ANA, wav, { attemptId: first.body.attempt.id, format: 'wav' })
    expect(back.body.attempt).toMatchObject({ id: first.body.attempt.id, isReused: true })
  })

  test('refuses a format the store does not have, after access, and charges nothing', async () => {
    const { wav } = await newSong()
    expect(codeOf(await init(server, VEGA, wav, { format: 'aiff' }))).toEqual([403, 'no-entitlement'])
    expect(codeOf(await init(server, ANA, wav, { format: 'aiff' }))).toEqual([422, 'format-not-offered'])
    expect((await init(server, ANA, wav)).body.entitlement.attemptsLeft).toBe(4)
  })

  test('20 calls at once for two formats make one attempt of each', async () => {
    const { wav } = await newSong()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => init(server, ANA, wav, { format: index % 2 === 0 ? 'wav' : 'flac' })),
    )
    expect(new Set(answers.map(({ body }) => body.attempt.id)).size).toBe(2)
    expect(new Set(answers.map(({ body }) => body.entitlement.attemptsLeft))).toEqual(new Set([4]))
  })

  test('a range that begins inside the file ends with it; one that begins behind it is refused', async () => {
    const { wav, flac } = await newSong()
    const { body } = await init(server, ANA, wav, { format: 'flac', want: [[0, 4_000_000_000]] })
    expect(body.tokens[0]?.range).toEqual([0, FLAC_BYTES - 1])
    const { token } = body.tokens[0] ?? { token: '' }
    expect((await get(server, ANA, token)).body.equals(flac.bytes)).toBe(true)
    const two = await init(server, ANA, wav, {
      format: 'flac',
      want: [
        [0, 499_999],
        [500_000, FLAC_BYTES],
      ],
    })
    expect(two.body.tokens.map(({ range }) => range)).toEqual([
      [0, 499_999],
      [500_000, FLAC_BYTES - 1],
    ])
    const behind = await init(server, ANA, wav, { format: 'flac', want: [[FLAC_BYTES, FLAC_BYTES + 10]] })
    expect(codeOf(behind)).toEqual([416, 'range-not-satisfiable'])
  })

  test('a range far behind the end does not end an attempt that has room for the file', async () => {
    const { wav } = await newSong()
    const first = await init(server, ANA, wav)
    const again = await init(server, ANA, wav, { want: [[0, 4_000_000_000_000]] })
    expect(again.body.attempt.id).toBe(first.body.attempt.id)
    expect(again.body.tokens[0]?.range).toEqual([0, WAV_BYTES - 1])
  })
})
