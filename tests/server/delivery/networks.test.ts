import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
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
import { attemptRow, codeOf, flags, get, init, type Listener, tokenFor } from './listener.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

describeEachEngine('networks of a download', (openDatabase) => {
  let server: DeliveryServer
  let file: StoredFile
  let count = 0
  const ana = (lastByte: number, changes: Partial<Listener> = {}): Listener => ({
    ...{ who: 'ana', device: 'laptop', from: `127.0.0.${lastByte}` },
    ...changes,
  })

  beforeAll(async () => {
    const { db } = await openDatabase()
    await seedPeople(db)
    server = await startDeliveryServer(db)
    await addDevice(server, 'ana', 'laptop')
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    // Each test begins on a day of its own, with a content of its own.
    server.clock.advance(DAY_MS)
    count += 1
    await stockTracks(server.db, [{ name: `song ${count}`, isReady: false }], server.clock)
    file = await giveFile(server, `song ${count}`, randomBytes(10_000))
    await buy(server, 'ana', `song ${count}`)
  })

  async function fetchFrom(lastByte: number, attemptId?: string): Promise<string> {
    const { token, attemptId: id } = await tokenFor(server, ana(lastByte), file, [0, 9], attemptId)
    expect((await get(server, ana(lastByte), token, { range: [0, 9] })).status).toBe(206)
    return id
  }

  test('R-MM-44: the first use locks the attempt to its network; another one gets 403, a flag, and the token stays', async () => {
    const { token: first } = await tokenFor(server, ana(2), file, [0, 9])
    // Whoever asked, the first use decides.
    expect((await get(server, ana(3), first, { range: [0, 9] })).status).toBe(206)
    const { token } = await tokenFor(server, ana(3), file, [0, 9])
    const refused = await get(server, ana(2), token, { range: [0, 9] })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'ip-locked'])
    expect((await get(server, ana(3), token, { range: [0, 9] })).status).toBe(206)
    expect(await flags(server)).toContain('ip_mismatch')
    const [use] = await server.asService((tx) =>
      tx
        .selectFrom('download_tokens')
        .select('used_ip')
        .where('used_at', 'is not', null)
        .orderBy('used_at', 'desc')
        .limit(1)
        .execute(),
    )
    expect(use?.used_ip).toContain('127.0.0.3')
  })

  test('R-DC-16: after a change of network a new init goes on at no cost; tokens that are out stay valid', async () => {
    const attemptId = await fetchFrom(2)
    const { token: waiting } = await tokenFor(server, ana(2), file, [10, 19])
    const { status, body } = await init(server, ana(3), file, { attemptId, want: [[20, 29]] })
    expect(status).toBe(200)
    expect(body.attempt).toMatchObject({ id: attemptId, isReused: true })
    expect(body.entitlement.attemptsLeft).toBe(4)
    expect((await get(server, ana(3), body.tokens[0]?.token ?? '', { range: [20, 29] })).status).toBe(206)
    expect((await get(server, ana(2), waiting, { range: [10, 19] })).status).toBe(206)
    expect(await attemptRow(server, attemptId)).toMatchObject({ rebinds: 1 })
  })

  test('R-MM-44: an attempt knows four networks at once; the oldest leaves', async () => {
    const attemptId = await fetchFrom(2)
    for (const lastByte of [3, 4, 5, 6]) {
      server.clock.advance(11 * MINUTE_MS)
      await fetchFrom(lastByte, attemptId)
    }
    const { token } = await tokenFor(server, ana(6), file, [0, 9], attemptId)
    expect(codeOf(await get(server, ana(2), token, { range: [0, 9] }))).toBe('ip-locked')
    expect((await get(server, ana(3), token, { range: [0, 9] })).status).toBe(206)
  })

  test('R-DC-16: after 5 changes of an attempt 403 rebind-limit, until a fresh sign-in', async () => {
    const attemptId = await fetchFrom(2)
    for (const lastByte of [3, 4, 5, 6, 7]) await fetchFrom(lastByte, attemptId)
    const refused = await init(server, ana(8), file, { attemptId, want: [[0, 9]] })
    expect([refused.status, refused.body.code]).toEqual([403, 'rebind-limit'])
    expect((await init(server, ana(7), file, { attemptId })).status).toBe(200)
    const stale = await init(server, ana(8, { signedInAgo: 10 * MINUTE_MS + 1 }), file, { attemptId })
    expect(stale.body.code).toBe('rebind-limit')
    expect((await init(server, ana(8, { signedInAgo: 10 * MINUTE_MS }), file, { attemptId })).status).toBe(200)
    expect((await attemptRow(server, attemptId)).rebinds).toBe(1)
    expect((await init(server, ana(9), file, { attemptId })).status).toBe(200)
  })

  test('R-DC-16: 20 changes of a day are the most of an account, over all its attempts; the next day is new', async () => {
    for (let attempt = 0; attempt < 4; attempt += 1) {
      count += 1
      await stockTracks(server.db, [{ name: `song ${count}`, isReady: false }], server.clock)
      file = await giveFile(server, `song ${count}`, randomBytes(1000))
      await buy(server, 'ana', `song ${count}`)
      const attemptId = await fetchFrom(2)
      for (const lastByte of [3, 4, 5, 6, 7])
        expect((await init(server, ana(lastByte), file, { attemptId })).status).toBe(200)
    }
    count += 1
    await stockTracks(server.db, [{ name: `song ${count}`, isReady: false }], server.clock)
    file = await giveFile(server, `song ${count}`, randomBytes(1000))
    await buy(server, 'ana', `song ${count}`)
    const attemptId = await fetchFrom(2)
    expect((await init(server, ana(3), file, { attemptId })).body.code).toBe('rebind-limit')
    server.clock.advance(DAY_MS)
    expect((await init(server, ana(3), file, { attemptId })).status).toBe(200)
  })

  test('R-DC-16: one device from more than 4 networks in 10 minutes raises a flag; slower ones do not', async () => {
    const alternations = async (): Promise<number> =>
      (await flags(server)).filter((kind) => kind === 'ip_alternation').length
    const before = await alternations()
    const attemptId = await fetchFrom(2)
    for (const lastByte of [3, 4, 5]) await fetchFrom(lastByte, attemptId)
    expect(await alternations()).toBe(before)
    server.clock.advance(11 * MINUTE_MS)
    await fetchFrom(6, attemptId)
    expect(await alternations()).toBe(before)
    for (const lastByte of [3, 4, 5]) await fetchFrom(lastByte, attemptId)
    await fetchFrom(7, attemptId)
    expect(await alternations()).toBe(before + 1)
  })
})
