import { beforeAll, describe, expect, it } from 'vitest'
import { catalogue } from '../../../contract/catalogue.ts'
import type { Database } from '../../../server/db/database.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { listTracks } from '../../../server/domains/catalogue/list-tracks.ts'
import { grantPurchase } from '../../../server/domains/entitlements/public.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { PEOPLE, type PersonName, SERVICE, seedPeople } from '../../_kit/people.ts'
import { callAs, handClock, idOf, START, stockPack, stockTracks } from '../../_kit/shop.ts'

const input = catalogue.listTracks.input
type Query = Parameters<typeof input.parse>[0]

describeEachEngine('listTracks', (open) => {
  const clock = handClock()
  let db: Database

  const list = async (query: Query, who: PersonName | null = null) =>
    catalogue.listTracks.output.parse(
      await callAs(db, who, clock, (context) => listTracks(context, input.parse(query))),
    )
  const titles = async (query: Query, who: PersonName | null = null) =>
    (await list(query, who)).items.map(({ title }) => title)

  beforeAll(async () => {
    db = (await open()).db
    await seedPeople(db)
    await stockTracks(
      db,
      [
        { name: 'Monsoon Terrace', genre: 'house', bpm: 124, key: '8A', priceMinor: 4900 },
        { name: 'Zażółć Gęślą Jaźń', genre: 'techno', bpm: 134, key: '9A', priceMinor: 2900, dj: 'vega' },
        { name: 'Progressive Morning', genre: 'house', bpm: 126, key: '8B', priceMinor: 5900, artist: 'Ottoline Grey' },
        { name: '100% Dub_Plate', genre: 'dub', bpm: 120, key: '7A', priceMinor: 3900, dj: 'vega' },
        { name: 'Members Only', genre: 'dub', bpm: 121, key: '3B', isFanOnly: true },
        { name: 'Still Rendering', genre: 'house', bpm: 125, key: '1A', isReady: false, publishedAt: START },
        { name: 'Hidden Draft', status: 'draft' },
        { name: 'Gone Archive', status: 'archived' },
      ],
      clock,
    )
    await stockPack(db, { name: 'Rooftop Sessions', tracks: ['Monsoon Terrace', 'Progressive Morning'] }, clock)
    await asCaller(db, SERVICE, (tx) =>
      grantPurchase(tx, {
        userId: PEOPLE.ana,
        ref: { contentType: 'track', contentId: idOf('Members Only') },
        paymentId: null,
        amount: { minor: 0, currency: 'INR' },
      }),
    )
  })

  it('R-MM-18: shows published tracks with their store facts, newest first, unfinished ones last', async () => {
    const page = await list({})
    expect(page.items.map(({ title }) => title)).toEqual([
      'Monsoon Terrace',
      'Zażółć Gęślą Jaźń',
      'Progressive Morning',
      '100% Dub_Plate',
      'Members Only',
      'Still Rendering',
    ])
    expect(page.total).toBe(6)
    expect(page.nextCursor).toBeNull()
    expect(page.items[2]).toMatchObject({
      artist: 'Ottoline Grey',
      dj: { name: 'Nova', slug: 'nova' },
      genre: { slug: 'house' },
      bpm: 126,
      key: '8B',
      durationSeconds: 200,
      price: { minor: 5900, currency: 'INR' },
      format: 'mp3',
      sizeBytes: 5_000_000,
      isReady: true,
      readyInSeconds: null,
      access: 'none',
    })
    expect(page.items[5]).toMatchObject({ isReady: false, sizeBytes: null })
    expect(page.items[5]?.readyInSeconds).toBeGreaterThan(0)
  })

  it('R-MM-14: nothing of a track page or list names where its file is kept', async () => {
    const text = JSON.stringify(await list({}, 'nova'))
    expect(text).not.toContain('objects/')
    expect(text).not.toContain('file_key')
  })

  it('drafts and archived tracks are in no list, not even for their DJ', async () => {
    const seen = await titles({ limit: 100 }, 'nova')
    expect(seen).not.toContain('Hidden Draft')
    expect(seen).not.toContain('Gone Archive')
  })

  describe('search', () => {
    it.each([
      ['its title', 'monsoon', ['Monsoon Terrace']],
      ['letters without their accents', 'zazolc gesla', ['Zażółć Gęślą Jaźń']],
      ['its artist', 'ottoline', ['Progressive Morning']],
      ['a DJ without the accent', 'Vega', ['Zażółć Gęślą Jaźń', '100% Dub_Plate']],
      ['the pack it is in', 'rooftop', ['Monsoon Terrace', 'Progressive Morning']],
      ['letters in the wrong order', 'mosnoon terace', ['Monsoon Terrace']],
      ['a letter too few', 'progresive', ['Progressive Morning']],
      ['signs that mean something in a pattern', '100% dub_', ['100% Dub_Plate']],
    ])('finds a track by %s', async (_, query, found) => {
      expect((await titles({ query, sort: 'newest' })).sort()).toEqual([...found].sort())
    })

    it('a word that some track has is taken as it is written', async () => {
      expect(await titles({ query: 'morning' })).toEqual(['Progressive Morning'])
    })

    it('finds nothing for what nothing is like', async () => {
      expect(await list({ query: 'xqzzyv' })).toMatchObject({ items: [], total: 0 })
    })

    it('a query of signs alone is no query', async () => {
      expect((await list({ query: '%%% ...' })).total).toBe(6)
    })

    it('puts the track whose title it is before the ones that only belong to it', async () => {
      expect((await titles({ query: 'progressive', sort: 'relevance' }))[0]).toBe('Progressive Morning')
    })
  })

  it.each<[string, Query, string[]]>([
    ['genre', { genre: 'dub' }, ['100% Dub_Plate', 'Members Only']],
    ['DJ', { djSlug: 'vega' }, ['100% Dub_Plate', 'Zażółć Gęślą Jaźń']],
    [
      'tempo, both ends included',
      { bpmMin: 124, bpmMax: 126 },
      ['Monsoon Terrace', 'Progressive Morning', 'Still Rendering'],
    ],
    ['key', { key: '8A' }, ['Monsoon Terrace']],
    [
      'key and those that mix with it',
      { key: '8A', withHarmonicKeys: true },
      ['100% Dub_Plate', 'Monsoon Terrace', 'Progressive Morning', 'Zażółć Gęślą Jaźń'],
    ],
    [
      'price',
      { priceMinMinor: 3900, priceMaxMinor: 4900 },
      ['100% Dub_Plate', 'Members Only', 'Monsoon Terrace', 'Still Rendering'],
    ],
    ['several at once', { genre: 'house', priceMaxMinor: 4900, key: '8A' }, ['Monsoon Terrace']],
  ])('filters by %s', async (_, query, expected) => {
    const page = await list(query)
    expect(page.items.map(({ title }) => title).sort()).toEqual(expected)
    expect(page.total).toBe(expected.length)
  })

  it('filters by what the account owns', async () => {
    expect(await titles({ owned: true }, 'ana')).toEqual(['Members Only'])
    expect(await titles({ owned: false }, 'ana')).not.toContain('Members Only')
    expect(await titles({ owned: true }, 'bo')).toEqual([])
    expect(await titles({ owned: true })).toEqual([])
    expect((await list({ owned: false })).total).toBe(6)
  })

  it.each<[Query & { sort: string }, string[]]>([
    [
      { sort: 'title' },
      [
        '100% Dub_Plate',
        'Members Only',
        'Monsoon Terrace',
        'Progressive Morning',
        'Zażółć Gęślą Jaźń',
        'Still Rendering',
      ],
    ],
    [
      { sort: 'bpm' },
      [
        '100% Dub_Plate',
        'Members Only',
        'Monsoon Terrace',
        'Progressive Morning',
        'Zażółć Gęślą Jaźń',
        'Still Rendering',
      ],
    ],
    [
      { sort: 'price' },
      [
        'Zażółć Gęślą Jaźń',
        '100% Dub_Plate',
        'Monsoon Terrace|Members Only',
        'Monsoon Terrace|Members Only',
        'Progressive Morning',
        'Still Rendering',
      ],
    ],
  ])('sorts by %o', async (query, expected) => {
    const seen = await titles(query)
    expect(seen).toHaveLength(expected.length)
    for (const [place, title] of seen.entries()) expect(expected[place]?.split('|')).toContain(title)
  })

  it.each(['newest', 'title', 'artist', 'bpm', 'price', 'relevance'] as const)(
    'pages of one by %s give every track once, in the order of the whole list',
    async (sort) => {
      const query = sort === 'relevance' ? { sort, query: 'o' } : { sort }
      const whole = (await list({ ...query, limit: 100 })).items.map(({ id }) => id)
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await list({ ...query, limit: 1, ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...page.items.map(({ id }) => id))
        expect(page.total).toBe(whole.length)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined && seen.length < 50)
      expect(whole.length).toBeGreaterThan(2)
      expect(seen).toEqual(whole)
    },
  )

  it.each([
    ['no cursor at all', 'not-a-cursor'],
    ['one of another order', Buffer.from(JSON.stringify(['title', 0, 'a', idOf('x')])).toString('base64url')],
    [
      'one whose key is no moment',
      Buffer.from(JSON.stringify(['newest', 0, "'; drop", idOf('x')])).toString('base64url'),
    ],
  ])('refuses a cursor that is %s', async (_, cursor) => {
    await expect(list({ sort: 'newest', cursor })).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('a track that comes between two pages moves nothing', async () => {
    const first = await list({ limit: 2 })
    await stockTracks(db, [{ name: 'Brand New', publishedAt: START + 1000 }], clock)
    const second = await list({ limit: 100, cursor: first.nextCursor ?? '' })
    const seen = [...first.items, ...second.items].map(({ title }) => title)
    expect(seen).toEqual([
      'Monsoon Terrace',
      'Zażółć Gęślą Jaźń',
      'Progressive Morning',
      '100% Dub_Plate',
      'Members Only',
      'Still Rendering',
    ])
  })
})
