import { beforeAll, expect, it } from 'vitest'
import { entitlements } from '../../../contract/entitlements.ts'
import type { ContentType } from '../../../contract/values.ts'
import type { Database } from '../../../server/db/database.ts'
import { asCaller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { listOwned } from '../../../server/domains/entitlements/list-owned.ts'
import { listSubscriptions } from '../../../server/domains/entitlements/list-subscriptions.ts'
import { grantPurchase } from '../../../server/domains/entitlements/public.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { PEOPLE, type PersonName, SERVICE, seedPeople } from '../../_kit/people.ts'
import {
  attemptByPlan,
  callAs,
  handClock,
  idOf,
  stockFanUpload,
  stockPack,
  stockTracks,
  subscribe,
} from '../../_kit/shop.ts'

describeEachEngine('what an account has', (open) => {
  const clock = handClock()
  let db: Database

  const asService = <T>(work: (tx: ServerTransaction) => Promise<T>) => asCaller(db, SERVICE, work, { clock })
  const buy = (who: PersonName, name: string, contentType: ContentType = 'track') => {
    clock.advance(1000)
    return asService((tx) =>
      grantPurchase(tx, {
        userId: PEOPLE[who],
        ref: { contentType, contentId: idOf(name) },
        paymentId: null,
        amount: { minor: 4900, currency: 'INR' },
      }),
    )
  }
  const owned = async (who: PersonName, query: { limit?: number; cursor?: string } = {}) =>
    entitlements.listOwned.output.parse(
      await callAs(db, who, clock, (context) => listOwned(context, entitlements.listOwned.input.parse(query))),
    )

  beforeAll(async () => {
    db = (await open()).db
    await seedPeople(db)
    await stockTracks(
      db,
      [{ name: 'one' }, { name: 'two' }, { name: 'taken' }, { name: 'old' }, { name: 'by vega', dj: 'vega' }],
      clock,
    )
    await stockPack(db, { name: 'pack', tracks: ['two', 'one'] }, clock)
    await stockFanUpload(db, 'thanks', 'nova', clock)
    const plan = await subscribe(db, { who: 'ana', dj: 'nova', plan: 'pro', tracks: 25, zips: 3, fanUploads: 1 }, clock)
    const ended = await subscribe(db, { who: 'ana', dj: 'vega', plan: 'basic', days: 1 }, clock)
    await buy('ana', 'one')
    await buy('ana', 'pack', 'album')
    clock.advance(1000)
    await asService((tx) =>
      tx
        .insertInto('fan_upload_entitlements')
        .values({ user_id: PEOPLE.ana, fan_upload_id: idOf('thanks'), granted_by: PEOPLE.nova, expires_at: null })
        .execute(),
    )
    clock.advance(1000)
    await asService(async (tx) => {
      for (const name of ['taken', 'taken', 'one'])
        await attemptByPlan(tx, { who: 'ana', name, ...plan, now: clock.now() })
      await attemptByPlan(tx, { who: 'ana', name: 'by vega', ...ended, now: clock.now() })
    })
    await buy('bo', 'old')
    clock.advance(2 * 86_400_000)
  })

  it('R-MM-26, R-MM-70: lists purchases, grants and what a running plan gave, newest first, each content once', async () => {
    const { items, nextCursor } = await owned('ana')
    expect(items.map(({ title, contentType, access }) => [title, contentType, access])).toEqual([
      ['taken', 'track', 'subscription'],
      ['thanks', 'fan', 'fan_entitlement'],
      ['pack', 'album', 'purchase'],
      ['one', 'track', 'purchase'],
    ])
    expect(nextCursor).toBeNull()
  })

  it('DL14: owned tracks say what they can be downloaded as, also inside packs', async () => {
    const formats = [{ format: 'mp3', sizeBytes: 5_000_000, isMaster: true }]
    const { items } = await owned('ana')
    const tracks = items.flatMap(({ track, pack }) => [...(track === null ? [] : [track]), ...(pack?.tracks ?? [])])
    expect(tracks.length).toBeGreaterThan(2)
    for (const track of tracks) expect(track.formats).toEqual(formats)
  })

  it('R-MM-25: a pack brings its tracks in order, each with its own access', async () => {
    const pack = (await owned('ana')).items.find(({ contentType }) => contentType === 'album')?.pack
    expect(pack?.tracks.map(({ title, access }) => [title, access])).toEqual([
      ['two', 'subscription'],
      ['one', 'purchase'],
    ])
  })

  it('pages give the same list', async () => {
    const whole = (await owned('ana')).items.map(({ contentId }) => contentId)
    const first = await owned('ana', { limit: 3 })
    const second = await owned('ana', { limit: 3, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map(({ contentId }) => contentId)).toEqual(whole)
    expect(second.nextCursor).toBeNull()
  })

  it('R-MM-70: another account sees none of it', async () => {
    expect((await owned('bo')).items.map(({ title }) => title)).toEqual(['old'])
    expect((await owned('admin')).items).toEqual([])
  })

  it('R-MM-28: a revoked purchase is not owned', async () => {
    await buy('bo', 'two')
    await asService((tx) =>
      tx
        .updateTable('purchases')
        .set({ revoked_at: new Date(clock.now()) })
        .where('user_id', '=', PEOPLE.bo)
        .where('content_id', '=', idOf('two'))
        .execute(),
    )
    expect((await owned('bo')).items.map(({ title }) => title)).toEqual(['old'])
  })

  it('R-MM-71: plans show their account what is used and left; others see none', async () => {
    const plans = async (who: PersonName) =>
      entitlements.listSubscriptions.output.parse(await callAs(db, who, clock, (context) => listSubscriptions(context)))
    expect((await plans('ana')).subscriptions).toMatchObject([
      {
        dj: { slug: 'nova' },
        plan: 'pro',
        isCurrent: true,
        tracks: { used: 0, quota: 25 },
        zips: { used: 0, quota: 3 },
      },
      { dj: { slug: 'vega' }, plan: 'basic', isCurrent: false },
    ])
    expect((await plans('bo')).subscriptions).toEqual([])
  })

  it('R-MM-08: what was bought stays in the list when its DJ is suspended', async () => {
    await asService((tx) =>
      tx.updateTable('dj_profiles').set({ status: 'suspended' }).where('slug', '=', 'nova').execute(),
    )
    const { items } = await owned('ana')
    expect(items.find(({ title }) => title === 'one')?.track?.dj.name).toBe('Nova')
    expect(items.find(({ title }) => title === 'pack')?.pack?.tracks).toHaveLength(2)
    expect(items.find(({ title }) => title === 'taken')).toBeUndefined()
  })
})
