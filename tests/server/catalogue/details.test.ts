import { beforeAll, expect, it } from 'vitest'
import { catalogue } from '../../../contract/catalogue.ts'
import type { Database } from '../../../server/db/database.ts'
import { asCaller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { getDj } from '../../../server/domains/catalogue/get-dj.ts'
import { getPack } from '../../../server/domains/catalogue/get-pack.ts'
import { getTrack } from '../../../server/domains/catalogue/get-track.ts'
import { home } from '../../../server/domains/catalogue/home.ts'
import { listDjs } from '../../../server/domains/catalogue/list-djs.ts'
import { listGenres } from '../../../server/domains/catalogue/list-genres.ts'
import { listPacks } from '../../../server/domains/catalogue/list-packs.ts'
import { grantPurchase } from '../../../server/domains/entitlements/public.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { PEOPLE, type PersonName, SERVICE, seedPeople } from '../../_kit/people.ts'
import { callAs, handClock, idOf, sha256Of, stockPack, stockTracks, subscribe } from '../../_kit/shop.ts'

describeEachEngine('catalogue pages', (open) => {
  const clock = handClock()
  let db: Database

  const asService = <T>(work: (tx: ServerTransaction) => Promise<T>) => asCaller(db, SERVICE, work, { clock })
  const track = async (name: string, who: PersonName | null = null) =>
    catalogue.getTrack.output.parse(
      await callAs(db, who, clock, (context) => getTrack(context, { trackId: idOf(name) })),
    )
  const pack = async (name: string, who: PersonName | null = null) =>
    catalogue.getPack.output.parse(await callAs(db, who, clock, (context) => getPack(context, { packId: idOf(name) })))
  const dj = async (slug: string, who: PersonName | null = null) =>
    catalogue.getDj.output.parse(await callAs(db, who, clock, (context) => getDj(context, { slug })))
  const front = async (who: PersonName | null = null) =>
    catalogue.home.output.parse(await callAs(db, who, clock, (context) => home(context)))
  const packs = async (query: object = {}) =>
    catalogue.listPacks.output.parse(
      await callAs(db, null, clock, (context) => listPacks(context, catalogue.listPacks.input.parse(query))),
    )
  const djs = async (query: object = {}) =>
    catalogue.listDjs.output.parse(
      await callAs(db, null, clock, (context) => listDjs(context, catalogue.listDjs.input.parse(query))),
    )

  beforeAll(async () => {
    db = (await open()).db
    await seedPeople(db)
    await stockTracks(
      db,
      [
        { name: 'one', genre: 'house' },
        { name: 'two', genre: 'house' },
        { name: 'three', genre: 'techno' },
        { name: 'of vega', dj: 'vega', genre: 'techno' },
        { name: 'members', isFanOnly: true },
        { name: 'draft', status: 'draft' },
        { name: 'archived', status: 'archived' },
      ],
      clock,
    )
    await stockPack(db, { name: 'pack', title: 'Rooftop Sessions', tracks: ['two', 'one'] }, clock)
    await stockPack(db, { name: 'other pack', title: 'Basement Tapes', tracks: ['of vega'], dj: 'vega' }, clock)
    await subscribe(db, { who: 'bo', dj: 'nova', plan: 'pro' }, clock)
    await asService(async (tx) => {
      await tx.updateTable('tracks').set({ description: 'Rain.' }).where('id', '=', idOf('one')).execute()
      for (const [who, contentType, name] of [
        ['ana', 'track', 'three'],
        ['ana', 'track', 'archived'],
        ['bo', 'track', 'three'],
        ['ana', 'track', 'of vega'],
        ['ana', 'album', 'pack'],
      ] as const)
        await grantPurchase(tx, {
          userId: PEOPLE[who],
          ref: { contentType, contentId: idOf(name) },
          paymentId: null,
          amount: { minor: 4900, currency: 'INR' },
        })
    })
  })

  it('R-MM-09, R-MM-17: a track shows price, text, five attempts, its packs and more by its DJ', async () => {
    const page = await track('one')
    expect(page).toMatchObject({
      title: 'one',
      price: { minor: 4900, currency: 'INR' },
      attemptLimit: 5,
      description: 'Rain.',
      isFanOnly: false,
      access: 'none',
    })
    expect(page.packs.map(({ title }) => title)).toEqual(['Rooftop Sessions'])
    expect(page.moreByDj.map(({ title }) => title).sort()).toEqual(['members', 'three', 'two'])
  })

  it('R-MM-10: a pack shows its tracks in order, each with the access of the one who looks', async () => {
    const page = await pack('pack', 'bo')
    expect(page).toMatchObject({
      title: 'Rooftop Sessions',
      trackCount: 2,
      durationSeconds: 400,
      price: { minor: 14_900 },
    })
    expect(page.tracks.map(({ title }) => title)).toEqual(['two', 'one'])
    expect(page.access).toBe('subscription')
    expect(page.tracks.every(({ access }) => access === 'subscription')).toBe(true)
  })

  it('R-MM-25: the buyer of a pack has the pack, not its tracks', async () => {
    const page = await pack('pack', 'ana')
    expect(page.access).toBe('purchase')
    expect(page.tracks.map(({ access }) => access)).toEqual(['none', 'none'])
  })

  it('R-MM-15: a Pro plan shows no access to what is for members', async () => {
    expect((await track('members', 'bo')).access).toBe('none')
    expect((await track('one', 'bo')).access).toBe('subscription')
  })

  it('drafts are there for nobody but their DJ; what was archived for its buyers', async () => {
    await expect(track('draft')).rejects.toMatchObject({ code: 'not-found' })
    await expect(track('draft', 'vega')).rejects.toMatchObject({ code: 'not-found' })
    expect((await track('draft', 'nova')).title).toBe('draft')
    await expect(track('archived', 'bo')).rejects.toMatchObject({ code: 'not-found' })
    expect((await track('archived', 'ana')).access).toBe('purchase')
    await expect(track('never')).rejects.toMatchObject({ code: 'not-found' })
    await expect(pack('never')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('a DJ shows tracks, packs and count, and is not there while suspended', async () => {
    const page = await dj('nova')
    expect(page).toMatchObject({ name: 'Nova', slug: 'nova', trackCount: 4 })
    expect(page.tracks.map(({ title }) => title)).toEqual(['one', 'two', 'three', 'members'])
    expect(page.packs.map(({ title }) => title)).toEqual(['Rooftop Sessions'])
    await asService((tx) =>
      tx.updateTable('dj_profiles').set({ status: 'suspended' }).where('slug', '=', 'vega').execute(),
    )
    await expect(dj('vega')).rejects.toMatchObject({ code: 'not-found' })
    await expect(track('of vega')).rejects.toMatchObject({ code: 'not-found' })
    expect((await track('of vega', 'ana')).access).toBe('purchase')
    expect((await packs()).items.map(({ title }) => title)).toEqual(['Rooftop Sessions'])
    await asService((tx) =>
      tx.updateTable('dj_profiles').set({ status: 'approved' }).where('slug', '=', 'vega').execute(),
    )
  })

  it('R-MM-37: a DJ shows the plans that are on sale', async () => {
    await asService((tx) =>
      tx
        .insertInto('dj_plans')
        .values([
          {
            dj_id: PEOPLE.nova,
            plan: 'pro',
            price_minor: 19_900,
            tracks_quota: 25,
            zip_quota: 3,
            fan_uploads_quota: 1,
          },
          {
            dj_id: PEOPLE.nova,
            plan: 'basic',
            price_minor: 9900,
            tracks_quota: 10,
            zip_quota: 1,
            fan_uploads_quota: 0,
          },
          {
            dj_id: PEOPLE.nova,
            plan: 'super',
            price_minor: 39_900,
            tracks_quota: 60,
            zip_quota: 8,
            fan_uploads_quota: 5,
            is_active: false,
          },
        ])
        .execute(),
    )
    expect((await dj('nova')).plans).toEqual([
      {
        plan: 'basic',
        price: { minor: 9900, currency: 'INR' },
        periodDays: 30,
        tracksQuota: 10,
        zipQuota: 1,
        fanUploadsQuota: 0,
      },
      {
        plan: 'pro',
        price: { minor: 19_900, currency: 'INR' },
        periodDays: 30,
        tracksQuota: 25,
        zipQuota: 3,
        fanUploadsQuota: 1,
      },
    ])
  })

  it('the front page has the newest, a chart by sales without what is not sold, packs, DJs and genres', async () => {
    const page = await front('bo')
    expect(page.newReleases[0]).toMatchObject({ title: 'one', access: 'subscription' })
    expect(page.chart.map(({ title }) => title)).toEqual(['three', 'of vega', 'one', 'two'])
    expect(page.chart[0]?.access).toBe('purchase')
    expect(page.packs).toHaveLength(2)
    expect(page.djs.map(({ name }) => name)).toEqual(['Nova', 'Véga'])
    expect(page.genres).toEqual([
      { slug: 'house', name: 'house', trackCount: 3 },
      { slug: 'techno', name: 'techno', trackCount: 2 },
    ])
    expect(page.genres).toEqual((await callAs(db, null, clock, (context) => listGenres(context))).genres)
  })

  it('packs and DJs are found by what they are called, nearly', async () => {
    expect((await packs({ query: 'roftop' })).items.map(({ title }) => title)).toEqual(['Rooftop Sessions'])
    expect((await djs({ query: 'vega' })).items).toMatchObject([{ name: 'Véga', trackCount: 1 }])
    expect((await djs({ query: 'xqz' })).items).toEqual([])
  })

  it('packs and DJs come in pages', async () => {
    const firstPack = await packs({ limit: 1 })
    const secondPack = await packs({ limit: 1, cursor: firstPack.nextCursor })
    expect([...firstPack.items, ...secondPack.items].map(({ title }) => title).sort()).toEqual([
      'Basement Tapes',
      'Rooftop Sessions',
    ])
    expect(secondPack.nextCursor).toBeNull()
    const firstDj = await djs({ limit: 1 })
    expect((await djs({ limit: 1, cursor: firstDj.nextCursor })).items.map(({ name }) => name)).toEqual(['Véga'])
  })

  it('R-MM-14: no answer of the catalogue names where a file is kept, nor its hash', async () => {
    const answers = [
      await front('ana'),
      await track('three', 'ana'),
      await pack('pack', 'ana'),
      await dj('nova', 'nova'),
      await packs(),
    ]
    const text = JSON.stringify(answers)
    expect(text).not.toContain('objects/')
    for (const name of ['one', 'three', 'pack']) expect(text).not.toContain(sha256Of(`object ${name}`))
  })
})
