import { beforeAll, expect, it } from 'vitest'
import { catalogue } from '../../../contract/catalogue.ts'
import type { ContentRef, ContentType } from '../../../contract/values.ts'
import type { Database } from '../../../server/db/database.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { listTracks } from '../../../server/domains/catalogue/list-tracks.ts'
import {
  findAccess,
  grantPurchase,
  ownsByPurchase,
  requireAccess,
  revokePurchase,
} from '../../../server/domains/entitlements/public.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { as, PEOPLE, type PersonName, SERVICE, seedPeople } from '../../_kit/people.ts'
import { callAs, handClock, idOf, stockFanUpload, stockPack, stockTracks, subscribe } from '../../_kit/shop.ts'

const DAY = 86_400_000
const ref = (name: string, contentType: ContentType = 'track'): ContentRef => ({ contentType, contentId: idOf(name) })

describeEachEngine('findAccess', (open) => {
  const clock = handClock()
  let db: Database

  const access = (who: PersonName, name: string, contentType: ContentType = 'track') =>
    asCaller(db, as(who), (tx) => findAccess(tx, PEOPLE[who], ref(name, contentType), clock.now()), { clock })
  const buy = (who: PersonName, name: string, contentType: ContentType = 'track') =>
    asCaller(
      db,
      as(who),
      (tx) =>
        grantPurchase(tx, {
          userId: PEOPLE[who],
          ref: ref(name, contentType),
          paymentId: null,
          amount: { minor: 4900, currency: 'INR' },
        }),
      { clock },
    )
  const asService = <T>(work: Parameters<typeof asCaller<T>>[2]) => asCaller(db, SERVICE, work, { clock })

  beforeAll(async () => {
    db = (await open()).db
    await seedPeople(db)
    await stockTracks(
      db,
      [
        { name: 'one' },
        { name: 'two' },
        { name: 'by vega', dj: 'vega' },
        { name: 'members', isFanOnly: true },
        { name: 'became members' },
        { name: 'draft', status: 'draft' },
        { name: 'to archive' },
        { name: 'refunded' },
      ],
      clock,
    )
    await stockPack(db, { name: 'pack', tracks: ['one', 'two'] }, clock)
    await stockFanUpload(db, 'thanks', 'nova', clock)
  })

  it('R-MM-26: without a source the answer is no-entitlement', async () => {
    expect(await access('ana', 'one')).toEqual({ isAllowed: false, reason: 'no-entitlement', quota: null })
    await expect(
      asCaller(db, as('ana'), (tx) => requireAccess(tx, PEOPLE.ana, ref('one'), clock.now())),
    ).rejects.toMatchObject({ code: 'no-entitlement' })
  })

  it('R-MM-24: a purchase has no end', async () => {
    expect(await buy('bo', 'one')).toBe('created')
    const later = handClock(clock.now() + 40 * 365 * DAY)
    const decision = await asCaller(db, as('bo'), (tx) => findAccess(tx, PEOPLE.bo, ref('one'), later.now()), {
      clock: later,
    })
    expect(decision).toMatchObject({ isAllowed: true, source: 'purchase' })
  })

  it('R-MM-25: a pack that was bought opens the pack and none of its tracks', async () => {
    expect(await buy('ana', 'pack', 'album')).toBe('created')
    expect(await access('ana', 'pack', 'album')).toMatchObject({ isAllowed: true, source: 'purchase' })
    expect(await access('ana', 'two')).toMatchObject({ isAllowed: false, reason: 'no-entitlement' })
  })

  it('R-MM-22: buying again changes nothing and says so', async () => {
    expect(await buy('bo', 'two')).toBe('created')
    expect(await buy('bo', 'two')).toBe('already-owned')
    expect(await asCaller(db, as('bo'), (tx) => ownsByPurchase(tx, PEOPLE.bo, ref('two')))).toBe(true)
    const rows = await asService((tx) =>
      tx
        .selectFrom('purchases')
        .select('id')
        .where('user_id', '=', PEOPLE.bo)
        .where('content_id', '=', idOf('two'))
        .execute(),
    )
    expect(rows).toHaveLength(1)
  })

  it('R-MM-22: of two purchases at once one is made', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => buy('vega', 'refunded')))
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
  })

  it('R-MM-28: a refund closes the purchase, buying again opens the same row', async () => {
    await buy('ana', 'refunded')
    const before = await access('ana', 'refunded')
    const revoked = await asService((tx) =>
      revokePurchase(tx, { userId: PEOPLE.ana, ref: ref('refunded'), paymentId: null }),
    )
    expect(revoked).toBe(true)
    expect(await access('ana', 'refunded')).toMatchObject({ isAllowed: false, reason: 'content-revoked' })
    expect(
      await asService((tx) => revokePurchase(tx, { userId: PEOPLE.ana, ref: ref('refunded'), paymentId: null })),
    ).toBe(false)
    expect(await buy('ana', 'refunded')).toBe('created')
    expect(await access('ana', 'refunded')).toEqual(before)
  })

  it('R-MM-15: fan-only content is closed to Basic and Pro and open to Super', async () => {
    expect(await access('bo', 'members')).toMatchObject({ reason: 'super-plan-required' })
    await subscribe(db, { who: 'bo', dj: 'nova', plan: 'pro' }, clock)
    expect(await access('bo', 'members')).toMatchObject({ reason: 'super-plan-required' })
    await asService((tx) =>
      tx.updateTable('dj_subscriptions').set({ plan: 'super' }).where('user_id', '=', PEOPLE.bo).execute(),
    )
    expect(await access('bo', 'members')).toMatchObject({ isAllowed: true, source: 'subscription', quotaLeft: 10 })
  })

  it('R-MM-16: what was bought before it became fan-only stays open', async () => {
    await buy('ana', 'became members')
    await asService((tx) =>
      tx.updateTable('tracks').set({ is_fan_only: true }).where('id', '=', idOf('became members')).execute(),
    )
    expect(await access('ana', 'became members')).toMatchObject({ isAllowed: true, source: 'purchase' })
    expect(await access('admin', 'became members')).toMatchObject({ reason: 'super-plan-required' })
  })

  it('R-MM-27: a plan gives nothing for what is bought, and R-MM-30: nothing of another DJ', async () => {
    expect(await access('bo', 'one')).toMatchObject({ source: 'purchase', subscription: null })
    expect(await access('bo', 'by vega')).toMatchObject({ isAllowed: false, reason: 'no-entitlement' })
  })

  it('R-MM-34: a plan ends at midnight UTC before its last day', async () => {
    const { subscriptionId } = await subscribe(db, { who: 'admin', dj: 'vega', days: 2 }, clock)
    const ends = await asService((tx) =>
      tx.selectFrom('dj_subscriptions').select('expires_at').where('id', '=', subscriptionId).executeTakeFirstOrThrow(),
    )
    const midnight = Date.parse(`${ends.expires_at}T00:00:00Z`)
    const at = (now: number) =>
      asCaller(db, as('admin'), (tx) => findAccess(tx, PEOPLE.admin, ref('by vega'), now), { clock: handClock(now) })
    expect(await at(midnight - 1)).toMatchObject({ isAllowed: true, source: 'subscription' })
    expect(await at(midnight)).toMatchObject({ isAllowed: false, reason: 'subscription-expired' })
  })

  it('R-MM-29: the grant of a DJ opens a fan upload until it ends', async () => {
    expect(await access('ana', 'thanks', 'fan')).toMatchObject({ reason: 'no-entitlement' })
    await asService((tx) =>
      tx
        .insertInto('fan_upload_entitlements')
        .values({
          user_id: PEOPLE.ana,
          fan_upload_id: idOf('thanks'),
          granted_by: PEOPLE.nova,
          expires_at: new Date(clock.now() + DAY),
        })
        .execute(),
    )
    expect(await access('ana', 'thanks', 'fan')).toMatchObject({ isAllowed: true, source: 'fan_entitlement' })
    const later = clock.now() + DAY
    const decision = await asCaller(db, as('ana'), (tx) => findAccess(tx, PEOPLE.ana, ref('thanks', 'fan'), later))
    expect(decision).toMatchObject({ isAllowed: false, reason: 'no-entitlement' })
  })

  it('drafts and what does not exist are not found, even for the DJ', async () => {
    expect(await access('nova', 'draft')).toMatchObject({ reason: 'not-found' })
    expect(await access('ana', 'no such track')).toMatchObject({ reason: 'not-found' })
    expect(await access('ana', 'one', 'album')).toMatchObject({ reason: 'not-found' })
  })

  it('R-MM-08: what left the store, or whose DJ was suspended, stays with its buyers and is gone for others', async () => {
    await buy('ana', 'to archive')
    await asService((tx) =>
      tx.updateTable('tracks').set({ status: 'archived' }).where('id', '=', idOf('to archive')).execute(),
    )
    expect(await access('ana', 'to archive')).toMatchObject({ isAllowed: true, source: 'purchase' })
    expect(await access('bo', 'to archive')).toMatchObject({ reason: 'not-found' })
    await buy('ana', 'by vega')
    await asService((tx) =>
      tx.updateTable('dj_profiles').set({ status: 'suspended' }).where('slug', '=', 'vega').execute(),
    )
    expect(await access('ana', 'by vega')).toMatchObject({ isAllowed: true, source: 'purchase' })
    expect(await access('admin', 'by vega')).toMatchObject({ reason: 'not-found' })
    await asService((tx) =>
      tx.updateTable('dj_profiles').set({ status: 'approved' }).where('slug', '=', 'vega').execute(),
    )
  })

  it('the store shows the access that a download would have', async () => {
    for (const who of ['ana', 'bo', 'admin'] as const) {
      const { items } = await callAs(db, who, clock, (context) =>
        listTracks(context, catalogue.listTracks.input.parse({ limit: 100 })),
      )
      expect(items.length).toBeGreaterThan(4)
      for (const item of items) {
        const decision = await asCaller(
          db,
          as(who),
          (tx) => findAccess(tx, PEOPLE[who], { contentType: 'track', contentId: item.id }, clock.now()),
          { clock },
        )
        expect([item.title, item.access]).toEqual([item.title, decision.isAllowed ? decision.source : 'none'])
      }
    }
  })
})
