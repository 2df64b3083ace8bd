import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ByteRange } from '../../../contract/values.ts'
import { objectKey } from '../../../server/adapters/object-key.ts'
import type { ObjectStore, OpenObject } from '../../../server/ports.ts'
import { describeEachEngine, type TestDatabase } from '../../_kit/databases.ts'
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
import { type Answer, attemptRow, codeOf, complete, flags, get, init, refusals, tokenFor } from './listener.ts'

const ANA = { who: 'ana', device: 'laptop' } as const
const ANAS_OTHER = { who: 'ana', device: 'desktop' } as const
const BO = { who: 'bo', device: 'laptop' } as const
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** A store that a test can make fail, or be elsewhere than on this computer. */
interface Breakable extends ObjectStore {
  fault: 'missing' | 'down' | 'short' | null
  isElsewhere: boolean
}

function breakable(objects: ObjectStore): Breakable {
  const openBreakable = async (key: string): Promise<OpenObject> => {
    if (store.fault === 'down') throw new Error('connection refused')
    const file = await objects.open?.(store.fault === 'missing' ? objectKey('0'.repeat(64)) : key)
    if (file === undefined) throw new Error('The store has no files')
    const read = async (buffer: Buffer, position: number): Promise<number> =>
      store.fault === 'short' && position > 1_000_000 ? 0 : file.read(buffer, position)
    return { ...file, read }
  }
  const store: Breakable = {
    ...objects,
    fault: null,
    isElsewhere: false,
    get open() {
      return store.isElsewhere ? undefined : openBreakable
    },
    async head(key: string) {
      if (store.fault === 'down') throw new Error('connection refused')
      const found = await objects.head(key)
      return store.fault === 'missing' ? null : found
    },
    read: (key: string, start: number, end: number, signal?: AbortSignal) =>
      objects.read(key, start, store.fault === 'short' ? end - 1_000_000 : end, signal),
  }
  return store
}

describeEachEngine('download of a file', (openDatabase) => {
  let database: TestDatabase
  let server: DeliveryServer & { readonly objectsFolder: string }
  let store: ReturnType<typeof breakable>
  let song: StoredFile
  beforeAll(async () => {
    database = await openDatabase()
    await seedPeople(database.db)
    server = await startDeliveryServer(database.db, {
      wrapObjects: (objects) => {
        store = breakable(objects)
        return store
      },
    })
    await stockTracks(server.db, [{ name: 'song', isReady: false }], server.clock)
    song = await giveFile(server, 'song', randomBytes(9_000_000), { fileName: 'Été’s (1).wav' })
    for (const { who, device } of [ANA, ANAS_OTHER, BO]) await addDevice(server, who, device)
    await buy(server, 'ana', 'song')
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(() => {
    store.fault = null
    store.isElsewhere = false
    // Refusals of one test shall not pause the devices of the next.
    server.clock.advance(11 * 60_000)
  })

  /** Status and code of a refusal, and that it used nothing: the same token then gives its bytes. */
  async function refusesAndKeepsToken(
    token: string,
    refusal: () => Promise<Answer>,
    range?: ByteRange,
  ): Promise<[number, string | undefined]> {
    const refused = await refusal()
    const outcome: [number, string | undefined] = [refused.status, codeOf(refused)]
    expect((await get(server, ANA, token, range === undefined ? {} : { range })).status).toBe(
      range === undefined ? 200 : 206,
    )
    return outcome
  }

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

  test('R-MM-51: a part says what it is a part of', async () => {
    const { token } = await tokenFor(server, ANA, song)
    const { status, headers, body } = await get(server, ANA, token, { range: [1_000_000, 1_999_999] })
    expect(status).toBe(206)
    expect(body).toEqual(song.bytes.subarray(1_000_000, 2_000_000))
    expect(headers).toMatchObject({
      'content-length': '1000000',
      'content-range': 'bytes 1000000-1999999/9000000',
      'content-type': 'audio/wav',
      'accept-ranges': 'bytes',
      etag: `"sha256-${song.sha256}"`,
      'repr-digest': `sha-256=:${Buffer.from(song.sha256, 'hex').toString('base64')}:`,
      'cache-control': 'private, no-store, no-transform',
      'x-content-type-options': 'nosniff',
      'content-disposition': "attachment; filename*=UTF-8''%C3%89t%C3%A9%E2%80%99s%20%281%29.wav",
    })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).not.toHaveProperty('location')
  })

  test('R-MM-51: without a range the whole file comes as 200', async () => {
    const { token } = await tokenFor(server, ANA, song)
    const { status, headers, body } = await get(server, ANA, token, { headers: { 'accept-encoding': 'gzip, br' } })
    expect(status).toBe(200)
    expect(sha256(body)).toBe(song.sha256)
    expect(headers['content-length']).toBe('9000000')
    expect(headers).not.toHaveProperty('content-encoding')
  })

  test('R-MM-51: If-Range with the ETag gives the part, with another the whole; If-Match with another 412', async () => {
    const etag = `"sha256-${song.sha256}"`
    const first = await tokenFor(server, ANA, song)
    const part = await get(server, ANA, first.token, { range: [0, 9], headers: { 'if-range': etag, 'if-match': etag } })
    expect([part.status, part.body.length]).toEqual([206, 10])
    const second = await tokenFor(server, ANA, song)
    const whole = await get(server, ANA, second.token, { range: [0, 9], headers: { 'if-range': '"other"' } })
    expect([whole.status, whole.body.length]).toEqual([200, 9_000_000])
    const third = await tokenFor(server, ANA, song)
    const refusal = () => get(server, ANA, third.token, { range: [0, 9], headers: { 'if-match': `W/${etag}` } })
    expect(await refusesAndKeepsToken(third.token, refusal)).toEqual([412, 'content-changed'])
  })

  test('R-MM-51: a range behind the end: 416 with the size, the token stays', async () => {
    const { token } = await tokenFor(server, ANA, song)
    const answer = await get(server, ANA, token, { range: 'bytes=9000000-' })
    expect(answer.headers['content-range']).toBe('bytes */9000000')
    const refusal = async () => answer
    expect(await refusesAndKeepsToken(token, refusal)).toEqual([416, 'range-not-satisfiable'])
  })

  test('a range outside what was granted: 403, the token stays', async () => {
    const { token } = await tokenFor(server, ANA, song, [1000, 1999])
    const over = () => get(server, ANA, token, { range: [1000, 2000] })
    const whole = () => get(server, ANA, token)
    expect(await over().then((answer) => [answer.status, codeOf(answer)])).toEqual([403, 'range-not-granted'])
    expect(await refusesAndKeepsToken(token, whole, [1100, 1200])).toEqual([403, 'range-not-granted'])
  })

  test('HEAD answers 405 and uses nothing', async () => {
    const { token } = await tokenFor(server, ANA, song)
    const answer = await get(server, ANA, token, { method: 'HEAD' })
    expect([answer.status, answer.headers.allow, answer.body.length]).toEqual([405, 'GET', 0])
    expect((await get(server, ANA, token, { range: [0, 9] })).status).toBe(206)
  })

  test('without credentials, as a bare curl asks: 401, the token stays', async () => {
    const { token } = await tokenFor(server, ANA, song)
    const status = await new Promise((resolve, reject) => {
      request(new URL(`/api/download/file?token=${token}`, server.origin), { agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .once('error', reject)
        .end()
    })
    expect(status).toBe(401)
    expect((await get(server, ANA, token, { range: [0, 9] })).status).toBe(206)
  })

  test('a token that nobody was given: 404', async () => {
    const unknown = await get(server, ANA, 'A'.repeat(43))
    expect([unknown.status, codeOf(unknown)]).toEqual([404, 'token-unknown'])
    const none = await get(server, ANA, '')
    expect([none.status, codeOf(none)]).toEqual([404, 'token-unknown'])
    const two = await get(server, ANA, `${'A'.repeat(43)}&token=${'B'.repeat(43)}`)
    expect([two.status, codeOf(two)]).toEqual([404, 'token-unknown'])
  })

  test('R-MM-42: a token can be used for 180 seconds, then 410', async () => {
    const inTime = await tokenFor(server, ANA, song)
    const late = await tokenFor(server, ANA, song)
    server.clock.advance(179_999)
    expect((await get(server, ANA, inTime.token, { range: [0, 9] })).status).toBe(206)
    server.clock.advance(1)
    const answer = await get(server, ANA, late.token, { range: [0, 9] })
    expect([answer.status, codeOf(answer)]).toEqual([410, 'token-expired'])
  })

  test('R-MM-43: a used token: 409, also from another registered device, and a flag', async () => {
    const { token } = await tokenFor(server, ANA, song)
    expect((await get(server, ANA, token, { range: [0, 9] })).status).toBe(206)
    for (const listener of [ANA, ANAS_OTHER, BO]) {
      const again = await get(server, listener, token, { range: [0, 9] })
      expect([again.status, codeOf(again)]).toEqual([409, 'token-used'])
    }
    expect(await flags(server)).toContain('token_replay')
    expect(await refusals(server)).toContain('token-used')
  })

  test('R-MM-75: a token of another device: 403 and a flag, the token stays', async () => {
    const { token } = await tokenFor(server, ANA, song)
    for (const listener of [ANAS_OTHER, BO]) {
      const refused = await get(server, listener, token, { range: [0, 9] })
      expect([refused.status, codeOf(refused)]).toEqual([403, 'token-wrong-device'])
    }
    expect((await get(server, ANA, token, { range: [0, 9] })).status).toBe(206)
    expect(await flags(server)).toContain('device_mismatch')
  })

  test.each(['missing', 'down'] as const)(
    'R-MM-52: object or store %s: 503 with Retry-After, the token stays and nothing is counted',
    async (fault) => {
      const { token, attemptId } = await tokenFor(server, ANA, song)
      const before = await attemptRow(server, attemptId)
      store.fault = fault
      const refused = await get(server, ANA, token, { range: [0, 9] })
      expect([refused.status, codeOf(refused)]).toEqual([503, 'storage-unavailable'])
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
      expect(await attemptRow(server, attemptId)).toEqual(before)
      store.fault = null
      expect((await get(server, ANA, token, { range: [0, 9] })).status).toBe(206)
    },
  )

  test.each(['files', 'streams'])(
    'a store of %s that gives too few bytes: the connection is cut, never a whole answer',
    async (kind) => {
      const { token, attemptId } = await tokenFor(server, ANA, song)
      store.isElsewhere = kind === 'streams'
      store.fault = 'short'
      expect(
        await get(server, ANA, token).then(
          () => 'whole',
          () => 'cut',
        ),
      ).toBe('cut')
      await expect.poll(async () => (await attemptRow(server, attemptId)).bytes_reserved).toBe(0)
      const again = await tokenFor(server, ANA, song)
      expect(again.attemptId).toBe(attemptId)
    },
  )

  test('R-MM-43: 50 parallel GETs with one token, half of them to a second process: one gets the bytes, 49 get 409', async () => {
    await using second = await startDeliveryServer(database.openSecond(), {
      clock: server.clock,
      objectsFolder: server.objectsFolder,
    })
    const { token } = await tokenFor(server, ANA, song, [0, 99_999])
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        get(index % 2 === 0 ? server : second, ANA, token, { range: [0, 99_999] }),
      ),
    )
    const outcomes = answers.map((answer) => (answer.status === 206 ? sha256(answer.body) : codeOf(answer)))
    expect(outcomes.toSorted()).toEqual([sha256(song.bytes.subarray(0, 100_000)), ...Array(49).fill('token-used')])
  })

  describe('after 30 refusals in 10 minutes', () => {
    test('R-MM-53: the device waits 60 seconds, with a flag; other devices do not', async () => {
      const { token } = await tokenFor(server, ANA, song)
      const codes: (string | undefined)[] = []
      for (let count = 0; count < 32; count += 1) codes.push(codeOf(await get(server, ANA, 'B'.repeat(43))))
      expect(codes).toEqual([...Array(31).fill('token-unknown'), 'rate-limited'])
      const paused = await get(server, ANA, token, { range: [0, 9] })
      expect([paused.status, Number(paused.headers['retry-after'])]).toEqual([429, 60])
      expect(await flags(server)).toContain('many_failures')
      expect(codeOf(await get(server, ANAS_OTHER, 'B'.repeat(43)))).toBe('token-unknown')
      server.clock.advance(60_000)
      expect((await get(server, ANA, token, { range: [0, 9] })).status).toBe(206)
    })
  })

  test('R-MM-50: no log holds a token, and the database only its hash', async () => {
    const { token } = await tokenFor(server, ANA, song)
    await get(server, ANA, token, { range: [0, 9] })
    await get(server, ANA, token, { range: [0, 9] })
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(server.logged.join('\n')).not.toContain(token)
    const stored = await server.asService(async (tx) => ({
      tokens: await tx.selectFrom('download_tokens').selectAll().execute(),
      logs: await tx.selectFrom('download_logs').selectAll().execute(),
      flags: await tx.selectFrom('abuse_flags').selectAll().execute(),
    }))
    expect(stored.tokens.map((row) => row.token_hash)).toContain(sha256(Buffer.from(token)))
    expect(JSON.stringify(stored)).not.toContain(token)
  })
})
