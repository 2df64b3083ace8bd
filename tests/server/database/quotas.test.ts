import { sql } from 'kysely'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { as, PEOPLE, seedPeople } from '../../_kit/people.ts'
import { make, rowId } from './fixtures.ts'
import { caller, expectRefusal, server, service } from './refusals.ts'

const { ana, nova, vega } = PEOPLE
const SUBSCRIPTION = rowId('dj_subscriptions', 'quota')
const LAST_DAY = Date.parse('2027-03-09T23:59:59.999Z')
const FIRST_DAY_WITHOUT = Date.parse('2027-03-10T00:00:00Z')
const reset_at = new Date('2027-03-10T00:00:00Z')

describeEachEngine('plans and quotas', (open) => {
  let db: Database
  beforeAll(async () => {
    ;({ db } = await open())
    await seedPeople(db)
  })
  beforeEach(async () => {
    await service(db, async (tx) => {
      await tx.deleteFrom('subscription_usage').execute()
      await tx.deleteFrom('dj_subscriptions').execute()
      await tx
        .insertInto('dj_subscriptions')
        .values({
          ...make.djSubscription(ana, nova),
          id: SUBSCRIPTION,
          expires_at: '2027-03-10',
          tracks_quota: 3,
          zip_quota: 2,
          fan_uploads_quota: 1,
        })
        .execute()
      await tx
        .insertInto('subscription_usage')
        .values({ subscription_id: SUBSCRIPTION, period_start: new Date('2027-02-08T00:00:00Z'), reset_at })
        .execute()
    })
  })
  const take = (kind: 'track' | 'album' | 'fan', at = LAST_DAY) =>
    server(
      db,
      async (tx) => {
        const { rows } = await sql<{
          usage: string | null
        }>`select app.take_quota(${SUBSCRIPTION}, ${kind}) as usage`.execute(tx)
        return rows[0]?.usage ?? null
      },
      at,
    )
  const used = () =>
    service(db, (tx) =>
      tx
        .selectFrom('subscription_usage')
        .select(['tracks_used', 'zips_used', 'fan_used'])
        .orderBy('period_start', 'desc')
        .executeTakeFirstOrThrow(),
    )

  test('R-MM-30: a plan names one DJ, and one account has one running plan for each DJ', async () => {
    const add = (dj: string, status = 'active') =>
      service(db, (tx) =>
        tx
          .insertInto('dj_subscriptions')
          .values({ ...make.djSubscription(ana, dj), status })
          .execute(),
      )
    await expectRefusal(add(nova), 'unique', 'dj_subscriptions_one_active')
    await add(nova, 'expired')
    await add(vega)
    const current = await caller(db, as('ana'), (tx) =>
      tx.selectFrom('dj_subscription_status').select('dj_id').execute(),
    )
    // Only the plan with a usage row has a period under way: the one for nova.
    expect(current).toEqual([{ dj_id: nova }])
  })

  test('R-MM-31: a plan is basic, pro or super', async () => {
    const setPlan = (plan: string) =>
      service(db, (tx) => tx.updateTable('dj_subscriptions').set({ plan }).where('id', '=', SUBSCRIPTION).execute())
    for (const plan of ['basic', 'pro', 'super']) await setPlan(plan)
    await expectRefusal(setPlan('Gold'), 'check')
    await expectRefusal(setPlan('Basic'), 'check')
  })

  test('R-MM-32: the view shows usage under the names of the documents, beside the quotas', async () => {
    await take('album')
    const status = await caller(db, as('ana'), (tx) =>
      tx
        .selectFrom('dj_subscription_status')
        .select(['tracks_used', 'zip_used', 'fan_uploads_used', 'tracks_quota', 'zip_quota', 'fan_uploads_quota'])
        .executeTakeFirstOrThrow(),
    )
    expect(status).toEqual({
      tracks_used: 0,
      zip_used: 1,
      fan_uploads_used: 0,
      tracks_quota: 3,
      zip_quota: 2,
      fan_uploads_quota: 1,
    })
  })

  test.each([
    ['track', { tracks_used: 1, zips_used: 0, fan_used: 0 }],
    ['album', { tracks_used: 0, zips_used: 1, fan_used: 0 }],
    ['fan', { tracks_used: 0, zips_used: 0, fan_used: 1 }],
  ] as const)('R-MM-33: taking a %s adds one to exactly its counter', async (kind, expected) => {
    expect(await take(kind)).not.toBeNull()
    expect(await used()).toEqual(expected)
  })

  test('R-MM-34: on the day of expires_at the plan gives nothing, the moment before it still does', async () => {
    expect(await take('track', LAST_DAY)).not.toBeNull()
    expect(await take('track', FIRST_DAY_WITHOUT)).toBeNull()
    expect((await used()).tracks_used).toBe(1)
  })
  test('R-MM-34: the view agrees about the day', async () => {
    const isCurrentAt = (at: number) =>
      server(db, (tx) => tx.selectFrom('dj_subscription_status').select('is_current').executeTakeFirstOrThrow(), at)
    expect(await isCurrentAt(LAST_DAY)).toEqual({ is_current: true })
    expect(await isCurrentAt(FIRST_DAY_WITHOUT)).toEqual({ is_current: false })
  })

  test.each([
    ['track', 3],
    ['album', 2],
    ['fan', 1],
  ] as const)('R-MM-35: when the quota of a %s is used up there is no more', async (kind, quota) => {
    for (let count = 0; count < quota; count += 1) expect(await take(kind)).not.toBeNull()
    expect(await take(kind)).toBeNull()
  })
  test.each(['pending', 'expired', 'refunded'])('a plan that is %s gives nothing', async (status) => {
    await service(db, (tx) =>
      tx.updateTable('dj_subscriptions').set({ status }).where('id', '=', SUBSCRIPTION).execute(),
    )
    expect(await take('track')).toBeNull()
  })

  test('R-MM-36: 20 at once against a remaining quota of 3 are exactly 3', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => take('track')))
    expect(outcomes.filter((usage) => usage !== null)).toHaveLength(3)
    expect((await used()).tracks_used).toBe(3)
  })

  test('a unit goes back to the period it was taken from', async () => {
    const usage = await take('track')
    await service(db, (tx) =>
      tx
        .insertInto('subscription_usage')
        .values({ subscription_id: SUBSCRIPTION, period_start: new Date('2027-03-01T00:00:00Z'), reset_at })
        .execute(),
    )
    await server(db, (tx) => sql`select app.return_quota(${usage}, 'track')`.execute(tx))
    const rows = await service(db, (tx) => tx.selectFrom('subscription_usage').select(['id', 'tracks_used']).execute())
    expect(rows.find(({ id }) => id === usage)?.tracks_used).toBe(0)
    expect(await take('track')).not.toBe(usage)
  })
})
