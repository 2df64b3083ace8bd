import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { asCaller } from '../../../server/db/transaction.ts'
import type { ObjectStore } from '../../../server/ports.ts'
import { describeEachEngine, type TestDatabase } from '../../_kit/databases.ts'
import { as, PEOPLE, seedPeople } from '../../_kit/people.ts'
import { idOf, stockFanUpload, stockPack, stockTracks, subscribe } from '../../_kit/shop.ts'
import {
  addDevice,
  buy,
  type DeliveryServer,
  giveFile,
  type StoredFile,
  startDeliveryServer,
} from './delivery-server.ts'
import { attemptRow, complete, get, init, open, refusals, tokenFor } from './listener.ts'

const ANA = { who: 'ana', device: 'laptop' } as const
const ANAS_OTHER = { who: 'ana', device: 'desktop' } as const
const BO = { who: 'bo', device: 'laptop' } as const
const SIZE = 2_000_000

describeEachEngine('init', (openDatabase) => {
  let database: TestDatabase
  let server: DeliveryServer & { readonly objectsFolder: string }
  let isStoreDown = false
  const files: Record<string, StoredFile> = {}
  const fileOf = (name: string): StoredFile => {
    const file = files[name]
    if (file === undefined) throw new Error(`No file ${name}`)
    return file
  }
  const song = (): StoredFile => fileOf('song')

  /** A new track with its file, bought by ana unless told otherwise. */
  async function newSong(name: string, { bought = true, attemptLimit = 5 } = {}): Promise<StoredFile> {
    await stockTracks(server.db, [{ name, isReady: false }], server.clock)
    const file = await giveFile(server, name, randomBytes(SIZE))
    files[name] = file
    if (bought) await buy(server, 'ana', name)
    await server.asService((tx) =>
      tx.updateTable('tracks').set({ attempt_limit: attemptLimit }).where('id', '=', file.contentId).execute(),
    )
    return file
  }

  beforeAll(async () => {
    database = await openDatabase()
    await seedPeople(database.db)
    server = await startDeliveryServer(database.db, {
      wrapObjects: (objects): ObjectStore => ({
        ...objects,
        head: async (key) => (isStoreDown ? null : objects.head(key)),
      }),
    })
    for (const { who, device } of [ANA, ANAS_OTHER, BO]) await addDevice(server, who, device)
    await newSong('song')
  })
  afterAll(() => server[Symbol.asyncDispose]())
  // Each test has a minute of its own, and with it its own rate limits.
  beforeEach(() => server.clock.advance(60_000))

  const usedQuota = (usageId: string): Promise<{ tracks_used: number; zips_used: number; fan_used: number }> =>
    server.asService((tx) =>
      tx
        .selectFrom('subscription_usage')
        .select(['tracks_used', 'zips_used', 'fan_used'])
        .where('id', '=', usageId)
        .executeTakeFirstOrThrow(),
    )

  test('R-MM-40: a token row says whose, for what, until when and from where', async () => {
    const { attemptId } = await tokenFor(server, { ...ANA, from: '127.0.0.3' }, song(), [10, 19])
    const rows = await server.asService((tx) =>
      tx.selectFrom('download_tokens').selectAll().where('attempt_id', '=', attemptId).execute(),
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      user_id: PEOPLE.ana,
      content_type: 'track',
      content_id: song().contentId,
      used_at: null,
      is_used: false,
      ip_address: expect.stringContaining('127.0.0.3'),
      range_start: '10',
      range_end: '19',
      created_at: new Date(server.clock.now()),
      expires_at: new Date(server.clock.now() + 180_000),
    })
  })

  test('R-MM-41: each call gives other tokens, also for the same range', async () => {
    const grants = await Promise.all(Array.from({ length: 5 }, () => init(server, ANA, song(), { want: [[0, 9]] })))
    const tokens = grants.flatMap(({ body }) => body.tokens.map(({ token }) => token))
    expect(new Set(tokens).size).toBe(5)
    expect(grants[0]?.body.tokens[0]).toMatchObject({ range: [0, 9], expiresInSeconds: 180 })
  })

  test('tells the facts of the file, its segments, what is left, and no tokens where none are wanted', async () => {
    const file = await newSong('facts')
    const { body } = await init(server, ANA, file)
    expect(body).toEqual({
      attempt: {
        id: expect.any(String),
        state: 'reserved',
        isReused: false,
        isRepair: false,
        closesAt: new Date(server.clock.now() + 72 * 3_600_000).toISOString(),
        bytesServed: 0,
        byteBudget: 3 * SIZE + 64 * 1024 * 1024,
      },
      object: {
        sizeBytes: SIZE,
        etag: `"sha256-${file.sha256}"`,
        sha256: file.sha256,
        segmentSize: 4 * 1024 * 1024,
        segmentSha256: file.segmentSha256,
        segmentRoot: file.segmentRoot,
        audioSha256: null,
        fileName: 'facts.wav',
        mimeType: 'audio/wav',
      },
      tokens: [],
      entitlement: { source: 'purchase', attemptsLeft: 4, quotaLeft: null },
      contents: null,
    })
  })

  test('R-MM-45: refuses in the order access, attempts, quota; a refusal leaves no attempt and no token', async () => {
    const file = await newSong('ordered', { bought: false, attemptLimit: 1 })
    const refusal = async (): Promise<[number, string | undefined]> => {
      const { status, body } = await init(server, ANA, file, { want: [[0, 9]] })
      return [status, body.code]
    }
    expect(await refusal()).toEqual([403, 'no-entitlement'])
    expect((await init(server, ANA, { contentType: 'track', contentId: idOf('nothing') })).status).toBe(404)
    await buy(server, 'ana', 'ordered')
    const { body } = await init(server, ANA, file)
    expect(await complete(server, ANA, body.attempt.id, file.segmentRoot)).toMatchObject({ status: 200 })
    expect(await refusal()).toEqual([403, 'attempts-exhausted'])
    await server.asService((tx) =>
      tx.updateTable('purchases').set({ revoked_at: new Date() }).where('content_id', '=', file.contentId).execute(),
    )
    expect(await refusal()).toEqual([403, 'content-revoked'])
    const left = await server.asService((tx) =>
      tx.selectFrom('download_attempts').select('id').where('content_id', '=', file.contentId).execute(),
    )
    expect(left).toHaveLength(1)
    expect(await refusals(server)).toEqual(
      expect.arrayContaining(['init: no-entitlement', 'init: attempts-exhausted', 'init: content-revoked']),
    )
  })

  test('R-MM-47: an account can not write itself a token, and sees no hash', async () => {
    const { attemptId } = await tokenFor(server, ANA, song())
    const device = await server.asService((tx) =>
      tx.selectFrom('download_attempts').select('device_id').where('id', '=', attemptId).executeTakeFirstOrThrow(),
    )
    await expect(
      asCaller(server.db, as('ana'), (tx) =>
        tx
          .insertInto('download_tokens')
          .values({
            token_hash: 'a'.repeat(64),
            attempt_id: attemptId,
            user_id: PEOPLE.ana,
            device_id: device.device_id,
            content_type: 'track',
            content_id: song().contentId,
            range_start: 0,
            range_end: 9,
            expires_at: new Date(server.clock.now() + 180_000),
            ip_address: '127.0.0.1',
          })
          .execute(),
      ),
    ).rejects.toMatchObject({ code: '42501' })
    const seen = asCaller(server.db, as('ana'), (tx) => tx.selectFrom('download_tokens').select('token_hash').execute())
    await expect(seen).rejects.toMatchObject({ code: '42501' })
  })

  test('R-MM-72: an account sees its own attempts and tokens, and nobody else does', async () => {
    await tokenFor(server, ANA, song())
    const seenBy = (who: 'ana' | 'bo'): Promise<number> =>
      asCaller(server.db, as(who), async (tx) => {
        const attempts = await tx.selectFrom('download_attempts').select(['id', 'user_id']).execute()
        const tokens = await tx.selectFrom('download_tokens').select(['id', 'user_id']).execute()
        expect([...attempts, ...tokens].every(({ user_id }) => user_id === PEOPLE[who])).toBe(true)
        return attempts.length * tokens.length
      })
    expect(await seenBy('ana')).toBeGreaterThan(0)
    expect(await seenBy('bo')).toBe(0)
  })

  test('R-MM-51: a resume gives fresh tokens of the same attempt and charges nothing', async () => {
    const file = await newSong('resumed')
    const first = await tokenFor(server, ANA, file)
    await get(server, ANA, first.token, { range: [0, 999_999] })
    server.clock.advance(3_600_000)
    const named = await init(server, ANA, file, { attemptId: first.attemptId, want: [[1_000_000, SIZE - 1]] })
    const unnamed = await init(server, ANA, file, { want: [[0, 9]] })
    for (const { body } of [named, unnamed]) {
      expect(body.attempt).toMatchObject({
        id: first.attemptId,
        isReused: true,
        state: 'active',
        bytesServed: 1_000_000,
      })
      expect(body.entitlement.attemptsLeft).toBe(4)
    }
    const [granted] = named.body.tokens
    expect((await get(server, ANA, granted?.token ?? '', { range: [1_000_000, SIZE - 1] })).status).toBe(206)
  })

  test('R-MM-48: attempts count on all devices; at the limit 403, and complete or a resume is not one more', async () => {
    const file = await newSong('limited', { attemptLimit: 3 })
    for (const listener of [ANA, ANAS_OTHER]) {
      const { body } = await init(server, listener, file)
      await init(server, listener, file, { attemptId: body.attempt.id })
      expect((await complete(server, listener, body.attempt.id, file.segmentRoot)).state).toBe('delivered')
    }
    expect((await init(server, ANA, file)).body.entitlement.attemptsLeft).toBe(0)
    const refused = await init(server, ANAS_OTHER, file)
    expect([refused.status, refused.body.code]).toEqual([403, 'attempts-exhausted'])
    expect(refused.body.facts).toEqual({ attemptLimit: 3 })
    expect((await init(server, ANA, file)).status).toBe(200)
  })

  test('R-MM-48: two devices race for the last attempt: one gets it', async () => {
    const file = await newSong('last', { attemptLimit: 1 })
    await using second = await startDeliveryServer(database.openSecond(), {
      clock: server.clock,
      objectsFolder: server.objectsFolder,
    })
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        init(index % 2 === 0 ? server : second, index % 4 < 2 ? ANA : ANAS_OTHER, file, { want: [[0, 9]] }),
      ),
    )
    const granted = answers.filter(({ status }) => status === 200)
    expect(new Set(granted.map(({ body }) => body.attempt.id)).size).toBe(1)
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(
      new Set(['attempts-exhausted']),
    )
  })

  test('40 parallel inits of one device make one attempt', async () => {
    const file = await newSong('clicked')
    const answers = await Promise.all(Array.from({ length: 40 }, () => init(server, ANA, file, { want: [[0, 9]] })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body.attempt.id)).size).toBe(1)
    expect(answers.filter(({ body }) => !body.attempt.isReused)).toHaveLength(1)
    expect(answers.every(({ body }) => body.entitlement.attemptsLeft === 4)).toBe(true)
  })

  test('R-MM-36: 12 downloads race for the 3 units that a plan has left: 3 get them', async () => {
    const { usageId } = await subscribe(server.db, { who: 'bo', dj: 'nova', tracks: 3 }, server.clock)
    const songs: StoredFile[] = []
    for (let index = 0; index < 12; index += 1) songs.push(await newSong(`raced ${index}`, { bought: false }))
    const answers = await Promise.all(songs.map((file) => init(server, BO, file, { want: [[0, 9]] })))
    const outcomes = answers.map(({ status, body }) => (status === 200 ? 'granted' : body.code))
    expect(outcomes.toSorted()).toEqual([...Array(3).fill('granted'), ...Array(9).fill('quota-exhausted')])
    expect((await usedQuota(usageId)).tracks_used).toBe(3)
    const quotaLeft = answers.flatMap(({ body }) =>
      body.entitlement === undefined ? [] : [body.entitlement.quotaLeft],
    )
    expect(quotaLeft.toSorted()).toEqual([0, 1, 2])
  })

  test('R-MM-27: what is bought takes nothing from a plan; a unit buys a content for the period, on all devices', async () => {
    const { usageId } = await subscribe(server.db, { who: 'ana', dj: 'nova', tracks: 2 }, server.clock)
    const bought = await newSong('owned')
    expect((await init(server, ANA, bought)).body.entitlement.source).toBe('purchase')
    expect((await usedQuota(usageId)).tracks_used).toBe(0)
    const taken = await newSong('taken', { bought: false })
    for (const listener of [ANA, ANAS_OTHER]) {
      const { body } = await init(server, listener, taken)
      expect(body.entitlement).toMatchObject({ source: 'subscription', quotaLeft: 1 })
      await complete(server, listener, body.attempt.id, taken.segmentRoot)
      expect((await usedQuota(usageId)).tracks_used).toBe(1)
    }
  })

  test('gives a granted fan upload without a plan', async () => {
    await stockFanUpload(server.db, 'secret set', 'vega', server.clock)
    const refused = await init(server, BO, { contentType: 'fan', contentId: idOf('secret set') })
    expect(refused.status).toBe(403)
    const file = await giveFile(server, 'secret set', randomBytes(1000), { contentType: 'fan' })
    await server.asService((tx) =>
      tx
        .insertInto('fan_upload_entitlements')
        .values({ user_id: PEOPLE.bo, fan_upload_id: file.contentId, granted_by: PEOPLE.vega })
        .execute(),
    )
    const { body } = await init(server, BO, file, { want: [[0, 999]] })
    expect(body.entitlement.source).toBe('fan_entitlement')
    expect((await get(server, BO, body.tokens[0]?.token ?? '')).body).toEqual(file.bytes)
  })

  test('tells what is inside a pack', async () => {
    await newSong('one')
    await stockPack(server.db, { name: 'pack', tracks: ['one'] }, server.clock)
    const pack = await giveFile(server, 'pack', randomBytes(5000), { contentType: 'album', fileName: 'pack.zip' })
    const entry = {
      ...{ trackId: fileOf('one').contentId, position: 0, fileName: 'one.wav', offset: 38, sizeBytes: 4000 },
      ...{ sha256: 'a'.repeat(64), audioSha256: null },
    }
    await server.asService(async (tx) => {
      await tx
        .updateTable('objects')
        .set({ entries: JSON.stringify([entry]) })
        .where('sha256', '=', pack.sha256)
        .execute()
      await tx
        .insertInto('purchases')
        .values({ user_id: PEOPLE.ana, content_type: 'album', content_id: pack.contentId })
        .execute()
    })
    const { body } = await init(server, ANA, pack)
    expect(body.contents).toEqual([entry])
  })

  test('R-MM-52: while the object is missing init answers 503 and charges nothing', async () => {
    const { usageId } = await subscribe(server.db, { who: 'bo', dj: 'vega', tracks: 1 }, server.clock)
    await stockTracks(server.db, [{ name: 'lost', dj: 'vega', isReady: false }], server.clock)
    const notReady = await init(server, BO, { contentType: 'track', contentId: idOf('lost') })
    expect([notReady.status, notReady.body.code]).toEqual([503, 'storage-unavailable'])
    const file = await giveFile(server, 'lost', randomBytes(1000))
    isStoreDown = true
    try {
      const { status, body, headers } = await init(server, BO, file)
      expect([status, body.code]).toEqual([503, 'storage-unavailable'])
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    } finally {
      isStoreDown = false
    }
    expect((await usedQuota(usageId)).tracks_used).toBe(0)
    const attempts = await server.asService((tx) =>
      tx.selectFrom('download_attempts').select('id').where('content_id', '=', file.contentId).execute(),
    )
    expect(attempts).toEqual([])
    expect((await init(server, BO, file)).status).toBe(200)
  })

  test.each<[what: string, json: unknown, fields: readonly string[]]>([
    ['no object', 7, ['(input)']],
    ['a list', [[0, 1]], ['(input)']],
    ['nothing of what is needed', {}, ['contentId', 'contentType']],
    ['an object in place of a list', { contentType: 'track', contentId: idOf('ranges'), want: { 0: 9 } }, ['want']],
    [
      'a range of words',
      { contentType: 'track', contentId: idOf('ranges'), want: [['a', 'b']] },
      ['want.0.0', 'want.0.1'],
    ],
  ])('well-formed JSON of a wrong shape, %s: 422 that names the fields', async (_, json, fields) => {
    const answer = await open(server, { ...ANA, method: 'POST', target: '/api/download/init', json })
    const problem = JSON.parse((await buffer(answer)).toString()) as { code: string; errors: Record<string, string> }
    expect([answer.statusCode, problem.code]).toEqual([422, 'invalid-input'])
    expect(Object.keys(problem.errors)).toEqual(expect.arrayContaining([...fields]))
  })

  test('refuses ranges that overlap, lie outside the file or are too many, and charges nothing', async () => {
    const file = await newSong('ranges')
    const codeFor = async (want: [number, number][]): Promise<[number, string | undefined]> => {
      const { status, body } = await init(server, ANA, file, { want })
      return [status, body.code]
    }
    expect(
      await codeFor([
        [0, 10],
        [10, 20],
      ]),
    ).toEqual([422, 'overlapping-ranges'])
    expect(await codeFor([[SIZE, SIZE]])).toEqual([416, 'range-not-satisfiable'])
    expect(await codeFor(Array.from({ length: 9 }, (_, at) => [at * 10, at * 10 + 9]))).toEqual([422, 'invalid-input'])
    expect(await codeFor([[9, 0]])).toEqual([422, 'invalid-input'])
    const attempts = await server.asService((tx) =>
      tx.selectFrom('download_attempts').select('id').where('content_id', '=', file.contentId).execute(),
    )
    expect(attempts).toEqual([])
  })

  test('an attempt delivers the file it was opened for, also when the content has a newer one', async () => {
    const before = await newSong('changing')
    const { token, attemptId } = await tokenFor(server, ANA, before, [0, 9])
    const after = await giveFile(server, 'changing', randomBytes(SIZE + 1))
    expect((await get(server, ANA, token, { range: [0, 9] })).body).toEqual(before.bytes.subarray(0, 10))
    const { body } = await init(server, ANA, after, { want: [[10, 19]] })
    expect([body.attempt.id, body.object.sha256]).toEqual([attemptId, before.sha256])
    expect((await get(server, ANA, body.tokens[0]?.token ?? '', { range: [10, 19] })).body).toEqual(
      before.bytes.subarray(10, 20),
    )
    await complete(server, ANA, attemptId, before.segmentRoot)
    expect((await init(server, ANA, after)).body.object.sha256).toBe(after.sha256)
  })

  test("another account's or device's attempt is not found", async () => {
    const { attemptId } = await tokenFor(server, ANA, song())
    for (const listener of [ANAS_OTHER, BO]) {
      if (listener === BO)
        await server.asService((tx) =>
          tx
            .insertInto('purchases')
            .values({ user_id: PEOPLE.bo, content_type: 'track', content_id: song().contentId })
            .execute(),
        )
      expect((await init(server, listener, song(), { attemptId })).status).toBe(404)
      expect((await complete(server, listener, attemptId, song().segmentRoot)).status).toBe(404)
    }
    expect((await attemptRow(server, attemptId)).state).toBe('reserved')
  })

  test('R-MM-53: more than 120 inits a minute of one account: 429 with Retry-After, also after a restart of the server', async () => {
    const file = await newSong('hammered')
    const bos = { contentType: 'track', contentId: file.contentId } as const
    for (let round = 0; round < 6; round += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => init(server, ANA, file)))
      expect(answers.every(({ status }) => status === 200)).toBe(true)
    }
    await using restarted = await startDeliveryServer(database.openSecond(), {
      clock: server.clock,
      objectsFolder: server.objectsFolder,
    })
    const limited = await init(restarted, ANAS_OTHER, file)
    expect([limited.status, limited.body.code]).toEqual([429, 'rate-limited'])
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
    expect((await init(server, BO, bos)).status).toBe(403)
    server.clock.advance(60_000)
    expect((await init(server, ANA, file)).status).toBe(200)
  })

  test('R-MM-53: more than 600 tokens a minute of one device: 429 with Retry-After, for all processes together', async () => {
    const file = await newSong('many')
    await using second = await startDeliveryServer(database.openSecond(), {
      clock: server.clock,
      objectsFolder: server.objectsFolder,
    })
    const want = Array.from({ length: 8 }, (_, at): [number, number] => [at * 10, at * 10 + 9])
    const statuses: number[] = []
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, at) => init(at % 2 === 0 ? server : second, ANA, file, { want })),
      )
      statuses.push(...answers.map(({ status }) => status))
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(75)
    expect(statuses.filter((status) => status === 429)).toHaveLength(5)
    const limited = await init(server, ANA, file, { want })
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
    expect((await init(server, ANAS_OTHER, file, { want })).status).toBe(200)
    server.clock.advance(60_000)
    expect((await init(server, ANA, file, { want })).status).toBe(200)
  })
})
