import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { endWithdrawnStreams } from '../../../server/domains/delivery/public.ts'
import { describeEachEngine, type TestDatabase } from '../../_kit/databases.ts'
import { PEOPLE, seedPeople } from '../../_kit/people.ts'
import { stockTracks } from '../../_kit/shop.ts'
import {
  addDevice,
  buy,
  type DeliveryServer,
  giveFile,
  type StoredFile,
  startDeliveryServer,
} from './delivery-server.ts'
import { attemptRow, cancel, drain, fileRequest, get, open, tokenFor } from './listener.ts'

const ANA = { who: 'ana', device: 'laptop' } as const
const MIB = 1024 * 1024
/** More than sockets on one computer buffer, so that a reader who does not read holds the stream open. */
const SIZE = 40 * MIB

describeEachEngine('open streams', (openDatabase) => {
  let database: TestDatabase
  let server: DeliveryServer & { readonly objectsFolder: string }
  let file: StoredFile
  let device: string
  let count = 0

  beforeAll(async () => {
    database = await openDatabase()
    await seedPeople(database.db)
    server = await startDeliveryServer(database.db)
    await stockTracks(server.db, [{ name: 'song', isReady: false }], server.clock)
    file = await giveFile(server, 'song', randomBytes(SIZE))
    await buy(server, 'ana', 'song')
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    count += 1
    device = await addDevice(server, 'ana', `laptop ${count}`)
    await server.asService((tx) =>
      tx.updateTable('download_attempts').set({ reset_at: new Date() }).where('user_id', '=', PEOPLE.ana).execute(),
    )
  })
  afterEach(async () => {
    await server.services.streams.endAll()
  })
  const ana = () => ({ ...ANA, device: `laptop ${count}` })

  /** A stream of the whole file whose reader has read nothing yet. */
  async function openStream(from: DeliveryServer = server): Promise<{ response: IncomingMessage; attemptId: string }> {
    const { token, attemptId } = await tokenFor(server, ana(), file)
    const response = await open(from, fileRequest(ana(), token))
    expect(response.statusCode).toBe(200)
    return { response, attemptId }
  }
  const outcome = async (attemptId: string): Promise<string | null | undefined> => {
    const [token] = await server.asService((tx) =>
      tx.selectFrom('download_tokens').select('outcome').where('attempt_id', '=', attemptId).execute(),
    )
    return token?.outcome
  }

  test('a stream that is read to its end is complete, counted in full and reserves nothing any more', async () => {
    const { response, attemptId } = await openStream()
    expect((await buffer(response)).equals(file.bytes)).toBe(true)
    await expect.poll(() => outcome(attemptId)).toBe('complete')
    expect(await attemptRow(server, attemptId)).toMatchObject({ bytes_served: SIZE, bytes_reserved: 0 })
  })

  test('a reader who goes away costs what was sent, and the rest of the budget comes back', async () => {
    const { response, attemptId } = await openStream()
    response.destroy()
    await expect.poll(() => outcome(attemptId)).toBe('client_gone')
    const row = await attemptRow(server, attemptId)
    expect(row.bytes_reserved).toBe(0)
    expect(row.bytes_served).toBeGreaterThan(0)
    expect(row.bytes_served).toBeLessThan(SIZE)
    const logged = await server.asService((tx) =>
      tx.selectFrom('download_logs').select(['event', 'reason']).where('attempt_id', '=', attemptId).execute(),
    )
    expect(logged).toContainEqual({ event: 'interrupted', reason: 'client_gone' })
  })

  test('cancel cuts an open stream at once and its counter stands still', async () => {
    const { response, attemptId } = await openStream()
    expect(server.services.streams.list()).toHaveLength(1)
    await expect.poll(async () => (await attemptRow(server, attemptId)).bytes_served).toBeGreaterThan(MIB)
    expect(await cancel(server, ana(), attemptId)).toEqual({ status: 200, state: 'expired_charged' })
    const settled = await attemptRow(server, attemptId)
    const { bytes, isCut } = await drain(response)
    expect(isCut).toBe(true)
    expect(bytes).toBeLessThanOrEqual(settled.bytes_served)
    await expect.poll(() => server.services.streams.list()).toEqual([])
    expect(await attemptRow(server, attemptId)).toMatchObject({ bytes_served: settled.bytes_served, bytes_reserved: 0 })
  })

  test('cancel at another process: the stream ends at its next block, a standing one at the next look', async () => {
    await using other = await startDeliveryServer(database.openSecond(), {
      clock: server.clock,
      objectsFolder: server.objectsFolder,
    })
    const reading = await openStream(other)
    await cancel(server, ana(), reading.attemptId)
    const served = (await attemptRow(server, reading.attemptId)).bytes_served
    const drained = await drain(reading.response)
    expect(drained.isCut).toBe(true)
    expect(drained.bytes).toBeLessThanOrEqual(served)
    const standing = await openStream(other)
    await cancel(server, ana(), standing.attemptId)
    await endWithdrawnStreams(other.services)
    await expect.poll(() => other.services.streams.list()).toEqual([])
    expect((await drain(standing.response)).isCut).toBe(true)
  })

  test.each(['device', 'purchase', 'account'])('R-MM-46: a stream ends when its %s is withdrawn', async (what) => {
    const { response, attemptId } = await openStream()
    const { response: other, attemptId: otherAttempt } = await (async () => {
      count += 1
      await addDevice(server, 'ana', `laptop ${count}`)
      return openStream()
    })()
    const set = (isWithdrawn: boolean): Promise<void> =>
      server.asService(async (tx) => {
        const revoked_at = isWithdrawn ? new Date(server.clock.now()) : null
        if (what === 'device') await tx.updateTable('devices').set({ revoked_at }).where('id', '=', device).execute()
        if (what === 'purchase')
          await tx.updateTable('purchases').set({ revoked_at }).where('user_id', '=', PEOPLE.ana).execute()
        if (what === 'account')
          await tx
            .updateTable('profiles')
            .set({ status: isWithdrawn ? 'suspended' : 'active' })
            .where('id', '=', PEOPLE.ana)
            .execute()
      })
    await endWithdrawnStreams(server.services)
    expect(server.services.streams.list()).toHaveLength(2)
    await set(true)
    await endWithdrawnStreams(server.services)
    await set(false)
    expect((await drain(response)).isCut).toBe(true)
    await expect.poll(() => outcome(attemptId)).toBe('revoked')
    if (what === 'device') {
      expect(await outcome(otherAttempt)).toBeNull()
      expect((await drain(other)).isCut).toBe(false)
    } else expect((await drain(other)).isCut).toBe(true)
  })

  test('each process looks every 5 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      await using watched = await startDeliveryServer(database.openSecond(), {
        clock: server.clock,
        objectsFolder: server.objectsFolder,
      })
      const { response } = await openStream(watched)
      await server.asService((tx) =>
        tx.updateTable('devices').set({ revoked_at: new Date() }).where('id', '=', device).execute(),
      )
      vi.advanceTimersByTime(4_999)
      expect(watched.services.streams.list()).toHaveLength(1)
      vi.advanceTimersByTime(1)
      // Drained at once, it could come to its end before the look has its answer.
      while (watched.services.streams.list().length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
      expect((await drain(response)).isCut).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a server that stops ends its streams and writes their counters', async () => {
    const stopping = await startDeliveryServer(database.openSecond(), {
      clock: server.clock,
      objectsFolder: server.objectsFolder,
    })
    const { response, attemptId } = await openStream(stopping)
    await stopping[Symbol.asyncDispose]()
    expect(await attemptRow(server, attemptId)).toMatchObject({ bytes_reserved: 0, state: 'active' })
    expect((await drain(response)).isCut).toBe(true)
    const { token } = await tokenFor(server, ana(), file, [0, 9], attemptId)
    expect((await get(server, ana(), token, { range: [0, 9] })).status).toBe(206)
  })
})
