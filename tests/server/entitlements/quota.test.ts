import { sql } from 'kysely'
import { beforeEach, expect, it } from 'vitest'
import type { ContentRef } from '../../../contract/values.ts'
import type { Database } from '../../../server/db/database.ts'
import { asCaller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { giveBackQuota, requireAccess, takeQuota } from '../../../server/domains/entitlements/public.ts'
import { describeEachEngine, type TestDatabase } from '../../_kit/databases.ts'
import { as, PEOPLE, SERVICE, seedPeople } from '../../_kit/people.ts'
import { attemptByPlan, handClock, idOf, stockFanUpload, stockPack, stockTracks, subscribe } from '../../_kit/shop.ts'

const NAMES = Array.from({ length: 20 }, (_, place) => `track ${place}`)
const track = (name: string): ContentRef => ({ contentType: 'track', contentId: idOf(name) })

describeEachEngine('quota', (open) => {
  let clock = handClock()
  let opened: TestDatabase
  let db: Database
  let plan: { subscriptionId: string; usageId: string }

  beforeEach(async () => {
    clock = handClock()
    opened = await open()
    db = opened.db
    await seedPeople(db)
    await stockTracks(
      db,
      NAMES.map((name) => ({ name })),
      clock,
    )
    await stockPack(db, { name: 'pack', tracks: NAMES.slice(0, 2) }, clock)
    await stockFanUpload(db, 'thanks', 'nova', clock)
    plan = await subscribe(db, { who: 'ana', dj: 'nova', plan: 'super', tracks: 3, zips: 1, fanUploads: 1 }, clock)
  })

  /** What a download's init does: the lock, the check, the unit, the attempt. */
  const download = (ref: ContentRef, name: string, database: Database = db) =>
    asCaller(
      database,
      as('ana'),
      async (tx) => {
        await sql`select pg_advisory_xact_lock(hashtext(${`${PEOPLE.ana}/${ref.contentId}`}))`.execute(tx)
        const { access } = await requireAccess(tx, PEOPLE.ana, ref, clock.now())
        const taken = await takeQuota(tx, access, ref)
        if (taken === null) throw new Error('The plan did not give it')
        return taken
      },
      { clock },
    ).then(async (taken) => ({ ...taken, attemptId: await asService((tx) => attempt(tx, ref, name, taken.usageId)) }))
  const attempt = (tx: ServerTransaction, { contentType }: ContentRef, name: string, usageId: string) =>
    attemptByPlan(tx, { who: 'ana', name, contentType, subscriptionId: plan.subscriptionId, usageId, now: clock.now() })
  const asService = <T>(work: (tx: ServerTransaction) => Promise<T>) => asCaller(db, SERVICE, work, { clock })
  const usage = () =>
    asService((tx) =>
      tx
        .selectFrom('subscription_usage')
        .select(['tracks_used', 'zips_used', 'fan_used'])
        .where('id', '=', plan.usageId)
        .executeTakeFirstOrThrow(),
    )
  const release = (attemptId: string) =>
    asService((tx) =>
      tx
        .updateTable('download_attempts')
        .set({ state: 'released', settled_at: new Date(clock.now()) })
        .where('id', '=', attemptId)
        .execute(),
    )
  const giveBack = (ref: ContentRef) => asService((tx) => giveBackQuota(tx, PEOPLE.ana, plan.usageId, ref))

  it('R-MM-33: each kind of content takes from its own counter', async () => {
    await download(track('track 0'), 'track 0')
    expect(await usage()).toEqual({ tracks_used: 1, zips_used: 0, fan_used: 0 })
    await download({ contentType: 'album', contentId: idOf('pack') }, 'pack')
    await download({ contentType: 'fan', contentId: idOf('thanks') }, 'thanks')
    expect(await usage()).toEqual({ tracks_used: 1, zips_used: 1, fan_used: 1 })
  })

  it('R-MM-35: when all is used the next content is refused, and the quota named', async () => {
    for (const name of NAMES.slice(0, 3)) await download(track(name), name)
    await expect(download(track('track 3'), 'track 3')).rejects.toMatchObject({
      code: 'quota-exhausted',
      detail: { quota: 'tracks' },
    })
    expect(await usage()).toMatchObject({ tracks_used: 3 })
  })

  it('R-MM-36: 20 contents at once, from two pools, share exactly the 3 units that are left', async () => {
    const second = opened.openSecond()
    const outcomes = await Promise.allSettled(
      NAMES.map((name, place) =>
        asCaller(
          place % 2 === 0 ? db : second,
          as('ana'),
          async (tx) => {
            const { access } = await requireAccess(tx, PEOPLE.ana, track(name), clock.now())
            return takeQuota(tx, access, track(name))
          },
          { clock },
        ),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'quota-exhausted' })
    expect(await usage()).toMatchObject({ tracks_used: 3 })
  })

  it('R-MM-39: a content that was taken in this period costs nothing again, even when nothing is left', async () => {
    expect(await download(track('track 0'), 'track 0')).toMatchObject({ wasCharged: true, quotaLeft: 2 })
    expect(await download(track('track 0'), 'track 0')).toMatchObject({
      wasCharged: false,
      quotaLeft: 2,
      usageId: plan.usageId,
    })
    await download(track('track 1'), 'track 1')
    await download(track('track 2'), 'track 2')
    expect(await download(track('track 0'), 'track 0')).toMatchObject({ wasCharged: false, quotaLeft: 0 })
    expect(await usage()).toMatchObject({ tracks_used: 3 })
  })

  it('a unit goes back to the row it came from, once nothing holds the content any more', async () => {
    const first = await download(track('track 0'), 'track 0')
    const other = await download(track('track 0'), 'track 0')
    await release(first.attemptId)
    expect(await giveBack(track('track 0'))).toBe(false)
    expect(await usage()).toMatchObject({ tracks_used: 1 })
    await release(other.attemptId)
    expect(await giveBack(track('track 0'))).toBe(true)
    expect(await usage()).toMatchObject({ tracks_used: 0 })
    expect(await download(track('track 0'), 'track 0')).toMatchObject({ wasCharged: true })
  })

  it('a new period asks a unit again for what the last one bought', async () => {
    await download(track('track 0'), 'track 0')
    clock.advance(20 * 86_400_000)
    const renewed = await asService((tx) =>
      tx
        .insertInto('subscription_usage')
        .values({
          subscription_id: plan.subscriptionId,
          period_start: new Date(clock.now()),
          reset_at: new Date(clock.now()),
        })
        .returning('id')
        .executeTakeFirstOrThrow(),
    )
    expect(await download(track('track 0'), 'track 0')).toMatchObject({ wasCharged: true, usageId: renewed.id })
    expect(await usage()).toMatchObject({ tracks_used: 1 })
  })
})
