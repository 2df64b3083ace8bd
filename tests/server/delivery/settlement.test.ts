import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { asCaller } from '../../../server/db/transaction.ts'
import { resetAttempts, settleExpiredAttempts } from '../../../server/domains/delivery/public.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { ANON, PEOPLE, seedPeople } from '../../_kit/people.ts'
import { stockTracks, subscribe } from '../../_kit/shop.ts'
import {
  addDevice,
  buy,
  type DeliveryServer,
  giveFile,
  type StoredFile,
  startDeliveryServer,
} from './delivery-server.ts'
import {
  attemptRow,
  cancel,
  codeOf,
  complete,
  completeMany,
  get,
  init,
  type Listener,
  refusals,
  tokenFor,
} from './listener.ts'

const ANA = { who: 'ana', device: 'laptop' } as const
const ANAS_OTHER = { who: 'ana', device: 'desktop' } as const
const BO = { who: 'bo', device: 'laptop' } as const
const SIZE = 2_000_000
/** 5 % of the file: the most that counts as almost nothing. */
const LITTLE = 100_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WINDOW_MS = 72 * HOUR_MS

describeEachEngine('the end of an attempt', (openDatabase) => {
  let server: DeliveryServer
  let file: StoredFile
  let count = 0

  beforeAll(async () => {
    const { db } = await openDatabase()
    await seedPeople(db)
    server = await startDeliveryServer(db)
    for (const { who, device } of [ANA, ANAS_OTHER, BO]) await addDevice(server, who, device)
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    server.clock.advance(DAY_MS)
    file = await newSong()
    await buy(server, 'ana', songName())
  })

  const songName = (): string => `song ${count}`
  async function newSong(): Promise<StoredFile> {
    count += 1
    await stockTracks(server.db, [{ name: songName(), isReady: false }], server.clock)
    return giveFile(server, songName(), randomBytes(SIZE))
  }
  /** An attempt that was opened on a new song, and what it delivers. */
  async function openOnNew(listener: Listener): Promise<{ attemptId: string; segmentRoot: string }> {
    const song = await newSong()
    await buy(server, listener.who, songName())
    const { body } = await init(server, listener, song)
    return { attemptId: body.attempt.id, segmentRoot: song.segmentRoot }
  }
  /** Opens or continues an attempt and fetches its first bytes. */
  async function fetchBytes(bytes: number, listener: Listener = ANA, from = 0): Promise<string> {
    const { token, attemptId } = await tokenFor(server, listener, file, [from, from + bytes - 1])
    expect((await get(server, listener, token, { range: [from, from + bytes - 1] })).status).toBe(206)
    await expect.poll(async () => (await attemptRow(server, attemptId)).bytes_reserved).toBe(0)
    return attemptId
  }
  const attemptsLeft = async (): Promise<number> => {
    const { body } = await init(server, ANA, file)
    return body.entitlement.attemptsLeft
  }
  const used = (usageId: string): Promise<number> =>
    server
      .asService((tx) =>
        tx.selectFrom('subscription_usage').select('tracks_used').where('id', '=', usageId).executeTakeFirstOrThrow(),
      )
      .then((row) => row.tracks_used)

  test('R-MM-48: cancelled before a byte: given back, as often as one likes', async () => {
    for (let round = 0; round < 7; round += 1) {
      const { body } = await init(server, ANA, file, { want: [[0, 9]] })
      expect(await cancel(server, ANA, body.attempt.id)).toEqual({ status: 200, state: 'released' })
      expect(await cancel(server, ANA, body.attempt.id)).toEqual({ status: 200, state: 'released' })
      const late = await get(server, ANA, body.tokens[0]?.token ?? '', { range: [0, 9] })
      expect([late.status, codeOf(late)]).toEqual([410, 'attempt-closed'])
    }
    expect(await attemptsLeft()).toBe(4)
  })

  test('R-MM-48: cancelled after almost nothing: given back 3 times a day for a content', async () => {
    const ends: (string | undefined)[] = []
    for (let round = 0; round < 4; round += 1) ends.push((await cancel(server, ANA, await fetchBytes(LITTLE))).state)
    expect(ends).toEqual(['released', 'released', 'released', 'expired_charged'])
    server.clock.advance(DAY_MS)
    const attemptId = await fetchBytes(1)
    // The paid attempt is opened again, so that nothing more is charged.
    expect((await attemptRow(server, attemptId)).bytes_served).toBe(LITTLE + 1)
    expect(await attemptsLeft()).toBe(4)
  })

  test('R-MM-48: cancelled after more: charged', async () => {
    const attemptId = await fetchBytes(LITTLE + 1)
    expect(await cancel(server, ANA, attemptId)).toEqual({ status: 200, state: 'expired_charged' })
    expect((await init(server, ANAS_OTHER, file)).body.entitlement.attemptsLeft).toBe(3)
  })

  test('R-MM-48: of two devices each has its attempt, and each is given back by itself', async () => {
    const mine = await init(server, ANA, file)
    const other = await init(server, ANAS_OTHER, file)
    expect(other.body.entitlement.attemptsLeft).toBe(3)
    await cancel(server, ANA, mine.body.attempt.id)
    expect((await init(server, ANAS_OTHER, file)).body.entitlement.attemptsLeft).toBe(4)
  })

  test('a cancelled download by plan gives its unit back to the usage row that paid', async () => {
    const bos = await newSong()
    const { usageId } = await subscribe(server.db, { who: 'bo', dj: 'nova', tracks: 1 }, server.clock)
    const { body } = await init(server, BO, bos)
    expect(await used(usageId)).toBe(1)
    await cancel(server, BO, body.attempt.id)
    expect(await used(usageId)).toBe(0)
    file = bos
    const attemptId = await fetchBytes(LITTLE + 1, BO)
    expect(await used(usageId)).toBe(1)
    await cancel(server, BO, attemptId)
    expect(await used(usageId)).toBe(1)
    await server.asService((tx) =>
      tx.updateTable('dj_subscriptions').set({ status: 'expired' }).where('user_id', '=', PEOPLE.bo).execute(),
    )
  })

  test('R-MM-48: after 72 hours init settles by itself: nothing sent is given back', async () => {
    const first = await init(server, ANA, file, { want: [[0, 9]] })
    server.clock.advance(WINDOW_MS)
    const second = await init(server, ANA, file)
    expect(second.body.attempt).toMatchObject({ isReused: false })
    expect(second.body.attempt.id).not.toBe(first.body.attempt.id)
    expect(second.body.entitlement.attemptsLeft).toBe(4)
    expect((await attemptRow(server, first.body.attempt.id)).state).toBe('released')
  })

  test('R-MM-48: being offline never costs: a paid attempt opens again, for 365 days, at no cost', async () => {
    const attemptId = await fetchBytes(LITTLE + 1)
    server.clock.advance(WINDOW_MS)
    expect(await settleExpiredAttempts(server.db, server.clock)).toBeGreaterThan(0)
    expect(await settleExpiredAttempts(server.db, server.clock)).toBe(0)
    expect(await attemptRow(server, attemptId)).toMatchObject({ state: 'expired_charged', settle_reason: 'window' })
    server.clock.advance(364 * DAY_MS)
    const { body } = await init(server, ANA, file, { attemptId, want: [[LITTLE + 1, SIZE - 1]] })
    expect(body.attempt).toMatchObject({ id: attemptId, isReused: true, state: 'active', bytesServed: LITTLE + 1 })
    expect(body.attempt.closesAt).toBe(new Date(server.clock.now() + WINDOW_MS).toISOString())
    expect(body.entitlement.attemptsLeft).toBe(4)
    expect((await get(server, ANA, body.tokens[0]?.token ?? '', { range: [LITTLE + 1, SIZE - 1] })).status).toBe(206)
    server.clock.advance(WINDOW_MS + 365 * DAY_MS)
    await settleExpiredAttempts(server.db, server.clock)
    server.clock.advance(365 * DAY_MS)
    expect((await init(server, ANA, file, { attemptId })).body.code).toBe('attempt-closed')
    expect((await init(server, ANA, file)).body.attempt.isReused).toBe(false)
  })

  test('a plan that ends meanwhile stops no open attempt, and one paid by it opens again', async () => {
    file = await newSong()
    const { usageId } = await subscribe(server.db, { who: 'bo', dj: 'nova', tracks: 5, days: 1 }, server.clock)
    const attemptId = await fetchBytes(LITTLE + 1, BO)
    server.clock.advance(2 * DAY_MS)
    expect((await init(server, BO, file)).body.attempt.id).toBe(attemptId)
    server.clock.advance(2 * DAY_MS)
    const { body } = await init(server, BO, file, { want: [[0, 9]] })
    expect(body.attempt).toMatchObject({ id: attemptId, isReused: true })
    expect((await get(server, BO, body.tokens[0]?.token ?? '', { range: [0, 9] })).status).toBe(206)
    expect(await used(usageId)).toBe(1)
    const other = await newSong()
    expect((await init(server, BO, other)).body.code).toBe('subscription-expired')
  })

  test('complete proves the whole, twice the same, and a wrong proof leaves the attempt open and is on record', async () => {
    const attemptId = await fetchBytes(SIZE)
    expect(await complete(server, ANA, attemptId, 'f'.repeat(64))).toMatchObject({ status: 409, code: 'hash-mismatch' })
    expect((await attemptRow(server, attemptId)).state).toBe('active')
    expect(await refusals(server)).toContain('complete: hash-mismatch')
    for (let round = 0; round < 2; round += 1)
      expect(await complete(server, ANA, attemptId, file.segmentRoot)).toEqual({ status: 200, state: 'delivered' })
    expect(await cancel(server, ANA, attemptId)).toEqual({ status: 200, state: 'delivered' })
    expect((await attemptRow(server, attemptId)).settle_reason).toBe('complete')
  })

  test('R-MM-48: of several arrivals told at once those count that are proved, and the refusal of one keeps no other back', async () => {
    const arrived = await fetchBytes(SIZE)
    const givenUp = await openOnNew(ANA)
    await cancel(server, ANA, givenUp.attemptId)
    const unproved = { ...(await openOnNew(ANA)), segmentRoot: 'f'.repeat(64) }
    const files = [unproved, await openOnNew(BO), givenUp, { attemptId: arrived, segmentRoot: file.segmentRoot }]
    const before = (await refusals(server)).length
    for (let round = 0; round < 2; round += 1)
      expect(await completeMany(server, ANA, files)).toEqual({
        status: 200,
        refusals: ['hash-mismatch', 'not-found', 'attempt-closed', null],
      })
    const states = await Promise.all(files.map(async ({ attemptId }) => (await attemptRow(server, attemptId)).state))
    expect(states).toEqual(['reserved', 'reserved', 'released', 'delivered'])
    const recorded = ['complete: hash-mismatch', 'complete: attempt-closed']
    expect((await refusals(server)).slice(before)).toEqual([...recorded, ...recorded])
    expect((await completeMany(server, ANA, [])).status).toBe(422)
  })

  test('arrivals of the same files, told in any order at once, never wait for each other', async () => {
    const files: { attemptId: string; segmentRoot: string }[] = []
    for (let count = 0; count < 6; count += 1) files.push(await openOnNew(ANA))
    const turned = (by: number) => [...files.slice(by), ...files.slice(0, by)]
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        completeMany(server, ANA, index % 2 === 0 ? turned(index % 6) : turned(index % 6).toReversed()),
      ),
    )
    for (const answer of answers) expect(answer).toEqual({ status: 200, refusals: files.map(() => null) })
    const logged = await server.asService((tx) =>
      tx.selectFrom('download_logs').select('attempt_id').where('event', '=', 'completed').execute(),
    )
    for (const { attemptId } of files)
      expect(logged.filter(({ attempt_id }) => attempt_id === attemptId)).toHaveLength(1)
  })

  test('a file that arrived in time is delivered also when its word comes after the window', async () => {
    const attemptId = await fetchBytes(SIZE)
    server.clock.advance(WINDOW_MS)
    await settleExpiredAttempts(server.db, server.clock)
    expect(await complete(server, ANA, attemptId, file.segmentRoot)).toEqual({ status: 200, state: 'delivered' })
  })

  test('what was given back can not be completed', async () => {
    const { body } = await init(server, ANA, file)
    await cancel(server, ANA, body.attempt.id)
    expect(await complete(server, ANA, body.attempt.id, file.segmentRoot)).toMatchObject({
      status: 410,
      code: 'attempt-closed',
    })
  })

  test('a repair of a delivered file costs nothing; without naming the attempt it is a new download', async () => {
    const attemptId = await fetchBytes(SIZE)
    const { token: early } = await tokenFor(server, ANA, file, [0, 9])
    await complete(server, ANA, attemptId, file.segmentRoot)
    expect(codeOf(await get(server, ANA, early, { range: [0, 9] }))).toBe('attempt-closed')
    server.clock.advance(400 * DAY_MS)
    const { body } = await init(server, ANA, file, { attemptId, want: [[0, 999]] })
    expect(body.attempt).toMatchObject({ id: attemptId, isRepair: true, isReused: true, state: 'delivered' })
    expect(body.entitlement.attemptsLeft).toBe(4)
    const repaired = await get(server, ANA, body.tokens[0]?.token ?? '', { range: [0, 999] })
    expect(repaired.body).toEqual(file.bytes.subarray(0, 1000))
    expect(await attemptRow(server, attemptId)).toMatchObject({ state: 'delivered', bytes_served: SIZE + 1000 })
    expect((await init(server, ANAS_OTHER, file, { attemptId })).status).toBe(404)
    expect((await init(server, ANA, file)).body.attempt).toMatchObject({ isRepair: false, isReused: false })
  })

  test('the byte budget is reserved at use: what does not fit is refused and its token stays', async () => {
    const { body } = await init(server, ANA, file, {
      want: [
        [0, 59_999],
        [60_000, 119_999],
      ],
    })
    await server.asService((tx) =>
      tx.updateTable('download_attempts').set({ byte_budget: 100_000 }).where('id', '=', body.attempt.id).execute(),
    )
    const [first, second] = body.tokens
    expect((await get(server, ANA, first?.token ?? '', { range: [0, 59_999] })).status).toBe(206)
    const over = await get(server, ANA, second?.token ?? '', { range: [60_000, 119_999] })
    expect([over.status, codeOf(over)]).toEqual([403, 'byte-budget'])
    expect((await get(server, ANA, second?.token ?? '', { range: [60_000, 99_999] })).status).toBe(206)
  })

  test('an exhausted budget closes the attempt, and the next init without its name opens another', async () => {
    const attemptId = await fetchBytes(LITTLE + 1)
    await server.asService((tx) =>
      tx.updateTable('download_attempts').set({ byte_budget: 150_000 }).where('id', '=', attemptId).execute(),
    )
    const refused = await init(server, ANA, file, { attemptId, want: [[0, 99_999]] })
    expect([refused.status, refused.body.code]).toEqual([403, 'byte-budget'])
    expect(await attemptRow(server, attemptId)).toMatchObject({
      state: 'expired_charged',
      settle_reason: 'byte-budget',
    })
    const { body } = await init(server, ANA, file, { want: [[0, 99_999]] })
    expect(body.attempt).toMatchObject({ isReused: false, bytesServed: 0 })
    expect(body.entitlement.attemptsLeft).toBe(3)
  })

  test('R-MM-28: access that is taken back stops open attempts and tokens at once', async () => {
    const { token, attemptId } = await tokenFor(server, ANA, file, [0, 9])
    await server.asService((tx) =>
      tx
        .updateTable('purchases')
        .set({ revoked_at: new Date(server.clock.now()) })
        .where('content_id', '=', file.contentId)
        .execute(),
    )
    const refused = await get(server, ANA, token, { range: [0, 9] })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'content-revoked'])
    for (const options of [{}, { attemptId }])
      expect((await init(server, ANA, file, options)).body.code).toBe('content-revoked')
    await settleExpiredAttempts(server.db, server.clock)
    expect(await attemptRow(server, attemptId)).toMatchObject({ state: 'revoked', settle_reason: 'access-withdrawn' })
  })

  test('R-MM-46: the tokens of a removed device and of a suspended account are refused', async () => {
    const device = await addDevice(server, 'ana', `doomed ${count}`)
    const doomed = { who: 'ana', device: `doomed ${count}` } as const
    const { token, attemptId } = await tokenFor(server, doomed, file, [0, 9])
    const status = (value: string) =>
      server.asService((tx) => tx.updateTable('profiles').set({ status: value }).where('id', '=', PEOPLE.ana).execute())
    await status('suspended')
    expect(codeOf(await get(server, doomed, token, { range: [0, 9] }))).toBe('account-suspended')
    await status('active')
    await server.asService((tx) =>
      tx.updateTable('devices').set({ revoked_at: new Date() }).where('id', '=', device).execute(),
    )
    expect(codeOf(await get(server, doomed, token, { range: [0, 9] }))).toBe('device-revoked')
    await settleExpiredAttempts(server.db, server.clock)
    expect(await attemptRow(server, attemptId)).toMatchObject({ state: 'released', settle_reason: 'device-revoked' })
  })

  test('R-MM-48: a reset gives the attempts back, on the record', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { body } = await init(server, ANA, file)
      await complete(server, ANA, body.attempt.id, file.segmentRoot)
    }
    expect((await init(server, ANA, file)).body.code).toBe('attempts-exhausted')
    const reset = (userMail: string, content: string): Promise<number> =>
      asCaller(server.db, ANON, (tx) => resetAttempts(tx, { userMail, content, actor: { label: 'command line' } }), {
        clock: server.clock,
      })
    expect(await reset('ana@people.example', file.contentId)).toBe(5)
    expect(await attemptsLeft()).toBe(4)
    const records = await server.asService((tx) =>
      tx.selectFrom('admin_audit_logs').selectAll().where('action', '=', 'attempts.reset').execute(),
    )
    expect(records.at(-1)).toMatchObject({
      actor_label: 'command line',
      target_type: 'profile',
      target_id: PEOPLE.ana,
      before: { contentId: file.contentId, attempts: 5 },
    })
    await expect(reset('nobody@people.example', file.contentId)).rejects.toMatchObject({ code: 'not-found' })
    await expect(reset('ana@people.example', 'song')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('the job gives back what a dead process had reserved, and sweeps old proofs and unused tokens', async () => {
    const { token, attemptId } = await tokenFor(server, ANA, file, [0, 999_999])
    await tokenFor(server, ANA, file, [0, 9])
    // As a process leaves it that dies after the redeem.
    await server.asService((tx) =>
      tx
        .updateTable('download_tokens')
        .set({ used_at: new Date(server.clock.now()), bytes_reserved: 1_000_000 })
        .where('range_end', '=', '999999')
        .where('attempt_id', '=', attemptId)
        .execute(),
    )
    await server.asService((tx) =>
      tx
        .updateTable('download_attempts')
        .set({ bytes_reserved: 1_000_000, state: 'active' })
        .where('id', '=', attemptId)
        .execute(),
    )
    await server.asService((tx) =>
      tx
        .insertInto('dpop_jti')
        .values({ jkt: 'key', jti_hash: 'a'.repeat(64), expires_at: new Date(server.clock.now() + 1000) })
        .execute(),
    )
    server.clock.advance(14 * 60_000)
    await settleExpiredAttempts(server.db, server.clock)
    expect((await attemptRow(server, attemptId)).bytes_reserved).toBe(1_000_000)
    server.clock.advance(2 * 60_000)
    await settleExpiredAttempts(server.db, server.clock)
    expect((await attemptRow(server, attemptId)).bytes_reserved).toBe(0)
    const proofs = await server.asService((tx) => tx.selectFrom('dpop_jti').select('id').execute())
    expect(proofs).toEqual([])
    expect(codeOf(await get(server, ANA, token, { range: [0, 9] }))).toBe('token-used')
    server.clock.advance(8 * DAY_MS)
    await settleExpiredAttempts(server.db, server.clock)
    const tokens = await server.asService((tx) =>
      tx.selectFrom('download_tokens').select('outcome').where('attempt_id', '=', attemptId).execute(),
    )
    expect(tokens).toEqual([{ outcome: 'lost' }])
  })

  test('R-MM-36: whatever is begun, sent, cancelled, completed and left, a plan is charged once for each content that was kept', async () => {
    const { usageId } = await subscribe(server.db, { who: 'vega', dj: 'nova', tracks: 4 }, server.clock)
    const devices = ['one', 'two'].map((device): Listener => ({ who: 'vega', device }))
    for (const { who, device } of devices) await addDevice(server, who, device)
    const songs: StoredFile[] = []
    for (let index = 0; index < 6; index += 1) songs.push(await newSong())
    let seed = 20_261_121
    const pick = <T>(items: readonly T[]): T => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return items[Math.floor((seed / 2_147_483_648) * items.length)] as T
    }
    async function act(): Promise<void> {
      const listener = pick(devices)
      const song = pick(songs)
      const { status, body } = await init(server, listener, song, { want: [[0, 150_000]] })
      if (status !== 200) return
      const deed = pick(['leave', 'cancel', 'fetch and cancel', 'peek and cancel', 'complete'] as const)
      const fetchRange = (range: [number, number]) =>
        // Another deed at the same time may cancel this very attempt, which cuts its streams.
        get(server, listener, body.tokens[0]?.token ?? '', { range }).catch(() => null)
      if (deed === 'fetch and cancel') await fetchRange([0, 150_000])
      if (deed === 'peek and cancel') await fetchRange([0, 9])
      if (deed.endsWith('cancel')) await cancel(server, listener, body.attempt.id)
      if (deed === 'complete') await complete(server, listener, body.attempt.id, song.segmentRoot)
    }
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(Array.from({ length: 6 }, act))
      if (round === 4) server.clock.advance(WINDOW_MS)
      if (round % 3 === 2) await settleExpiredAttempts(server.db, server.clock)
      const kept = await server.asService((tx) =>
        tx
          .selectFrom('download_attempts')
          .select('content_id')
          .distinct()
          .where('subscription_usage_id', '=', usageId)
          .where('state', '<>', 'released')
          .execute(),
      )
      expect(await used(usageId)).toBe(kept.length)
      expect(kept.length).toBeLessThanOrEqual(4)
    }
  })
})
