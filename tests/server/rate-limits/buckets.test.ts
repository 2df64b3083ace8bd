import fastify from 'fastify'
import { beforeAll, expect, it } from 'vitest'
import type { AppError } from '../../../contract/errors.ts'
import { readServerConfig } from '../../../server/config.ts'
import { asCaller, asServer } from '../../../server/db/transaction.ts'
import { toProblem } from '../../../server/http/problem.ts'
import { limitByAddress } from '../../../server/http/rate-limits.ts'
import { giveBack, sweepBuckets, takeFromBucket, takeFromBuckets } from '../../../server/rate-limits/buckets.ts'
import { RATE_LIMITS } from '../../../server/rate-limits/limits.ts'
import { describeEachEngine, type TestDatabase } from '../../_kit/databases.ts'
import { handClock, START } from '../../_kit/shop.ts'

const MINUTE = 60_000

describeEachEngine('rate limits', (open) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await open()
  })
  const outcomesOf = async (tries: readonly Promise<void>[]) => {
    const outcomes = await Promise.allSettled(tries)
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as AppError] : []))
    return { taken: outcomes.length - reasons.length, codes: [...new Set(reasons.map(({ code }) => code))], reasons }
  }

  it('R-MM-75: of 40 parallel hits in two processes exactly as many pass as the limit allows', async () => {
    const [one, two] = [database.db, database.openSecond()]
    const tries = Array.from({ length: 40 }, (_, n) =>
      takeFromBucket(n % 2 === 0 ? one : two, 'sign-in-by-account', 'parallel', START),
    )
    expect(await outcomesOf(tries)).toMatchObject({ taken: 10, codes: ['rate-limited'] })
  })

  it('R-MM-75: the limit survives a restart, ends with its window, and says when', async () => {
    const key = 'window'
    const late = START + 14 * MINUTE
    for (let n = 0; n < 10; n += 1) await takeFromBucket(database.db, 'sign-in-by-account', key, START)
    const after = database.openSecond()
    const { reasons } = await outcomesOf([takeFromBucket(after, 'sign-in-by-account', key, late)])
    expect(reasons[0]?.detail).toMatchObject({ retryAfterSeconds: 60, limit: 'sign-in-by-account' })
    await takeFromBucket(after, 'sign-in-by-account', key, START + 15 * MINUTE)
  })

  it('a hit that is given back can be taken again; keys and limits do not share', async () => {
    const bucket = { name: 'sign-in-by-account', key: 'given back' } as const
    for (let n = 0; n < 10; n += 1) await takeFromBuckets(database.db, [bucket], START)
    await expect(takeFromBuckets(database.db, [bucket], START)).rejects.toMatchObject({ code: 'rate-limited' })
    await takeFromBucket(database.db, 'mail-code-by-account', 'given back', START)
    await takeFromBucket(database.db, 'sign-in-by-account', 'another', START)
    await giveBack(database.db, [bucket], START)
    await takeFromBuckets(database.db, [bucket], START)
    await expect(takeFromBuckets(database.db, [bucket], START)).rejects.toMatchObject({ code: 'rate-limited' })
  })

  it('counters that are over are swept away; those that count are not', async () => {
    await takeFromBucket(database.db, 'init-day-by-user', 'swept', START)
    expect(await sweepBuckets(database.db, START + 11 * 60 * MINUTE)).toBe(0)
    expect(await sweepBuckets(database.db, START + 13 * 60 * MINUTE)).toBeGreaterThan(0)
  })

  it('the table does not tell whom it counts', async () => {
    await takeFromBucket(database.db, 'sign-in-by-account', 'ada@example.com', START)
    const rows = await asCaller(database.db, { role: 'anon' }, (tx) =>
      asServer(tx, (own) => own.selectFrom('rate_limits').select('bucket').execute()),
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain('ada@example.com')
  })

  it('R-MM-75: an address is limited over all routes, forged headers or not, and another is not', async () => {
    const clock = handClock(START + 200 * MINUTE)
    const app = fastify()
    limitByAddress(app, { db: database.db, clock, config: readServerConfig({}) })
    app.setErrorHandler((error, request, reply) => {
      const { status, headers, body } = toProblem(error as AppError, request.id)
      return reply.code(status).headers(headers).send(body)
    })
    app.get('/a', async () => 'a')
    app.get('/b', async () => 'b')
    app.get('/healthz', async () => 'ok')
    const get = async (url: string, remoteAddress: string, headers = {}) =>
      (await app.inject({ url, remoteAddress, headers })).statusCode
    await fillBut(2, '192.0.2.1/32', clock.now())
    expect(await get('/a', '192.0.2.1')).toBe(200)
    expect(await get('/b', '192.0.2.1', { 'x-forwarded-for': '198.51.100.1' })).toBe(200)
    expect(await get('/a', '192.0.2.1', { 'x-forwarded-for': '198.51.100.2' })).toBe(429)
    expect(await get('/healthz', '192.0.2.1')).toBe(200)
    expect(await get('/a', '192.0.2.2')).toBe(200)
    clock.advance(MINUTE)
    expect(await get('/a', '192.0.2.1')).toBe(200)
    await app.close()
  })

  async function fillBut(left: number, key: string, now: number): Promise<void> {
    for (let n = left; n < RATE_LIMITS['all-by-address'].hits; n += 1)
      await takeFromBucket(database.db, 'all-by-address', key, now)
  }
})
