import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { ANON, as, PEOPLE, seedPeople } from '../../_kit/people.ts'
import { make, rowId, seedFixtures } from './fixtures.ts'
import { caller, expectRefusal, service } from './refusals.ts'

const { nova } = PEOPLE
const CONTENT = ['tracks', 'album_packs', 'fan_uploads'] as const

describeEachEngine('the catalogue', (open) => {
  let db: Database
  beforeAll(async () => {
    ;({ db } = await open())
    await seedPeople(db)
    await seedFixtures(db)
  })
  const columnsOf = async (table: string) => {
    const { rows } = await sql<{ name: string }>`select attname as name from pg_attribute
      where attrelid = ${table}::regclass and attnum > 0 and not attisdropped`.execute(db)
    return rows.map(({ name }) => name)
  }

  test('R-MM-09: a track has the columns of the documents', async () => {
    expect(await columnsOf('public.tracks')).toEqual(
      expect.arrayContaining([
        'id',
        'dj_id',
        'price_minor',
        'currency',
        'file_key',
        'attempt_limit',
        'created_at',
        'is_fan_only',
      ]),
    )
  })
  test('R-MM-10: an album pack has the same common columns', async () => {
    expect(await columnsOf('public.album_packs')).toEqual(
      expect.arrayContaining([
        'id',
        'dj_id',
        'price_minor',
        'currency',
        'file_key',
        'attempt_limit',
        'created_at',
        'is_fan_only',
      ]),
    )
  })
  test('R-MM-11: a fan upload has the columns of the documents', async () => {
    expect(await columnsOf('public.fan_uploads')).toEqual(
      expect.arrayContaining(['id', 'dj_id', 'price_minor', 'file_key', 'attempt_limit', 'created_at']),
    )
  })

  describe.each([
    { id: 'R-MM-12', table: 'tracks', row: make.track, min: 2900, constraint: 'tracks_min_price' },
    { id: 'R-MM-13', table: 'album_packs', row: make.pack, min: 7900, constraint: 'album_packs_min_price' },
  ] as const)('$id: the least price of $table', ({ id, table, row, min, constraint }) => {
    const add = (price_minor: number) =>
      service(db, (tx) =>
        tx
          .insertInto(table)
          .values({ ...row(nova, `Costs ${price_minor}`), price_minor })
          .returning('id')
          .executeTakeFirstOrThrow(),
      )
    test(`${id}: is accepted`, async () => {
      await expect(add(min)).resolves.toHaveProperty('id')
    })
    test(`${id}: one rupee less is refused when created and when changed`, async () => {
      await expectRefusal(add(min - 100), 'check', constraint)
      const track = await add(min + 100)
      await expectRefusal(
        service(db, (tx) =>
          tx
            .updateTable(table)
            .set({ price_minor: min - 100 })
            .where('id', '=', track.id)
            .execute(),
        ),
        'check',
        constraint,
      )
    })
    test(`${id}: another currency is refused`, async () => {
      await expectRefusal(
        service(db, (tx) =>
          tx
            .insertInto(table)
            .values({ ...row(nova, 'In dollars'), currency: 'USD' })
            .execute(),
        ),
        'check',
      )
    })
  })

  test.each(CONTENT)('R-MM-17: attempt_limit of %s is 5 by default and at least 1', async (table) => {
    const given = await service(db, (tx) =>
      tx
        .selectFrom(table)
        .select('attempt_limit')
        .where('id', '=', rowId(table, 'nova-draft'))
        .executeTakeFirstOrThrow(),
    )
    expect(given.attempt_limit).toBe(5)
    await expectRefusal(
      service(db, (tx) =>
        tx.updateTable(table).set({ attempt_limit: 0 }).where('id', '=', rowId(table, 'nova-draft')).execute(),
      ),
      'check',
    )
  })

  test.each(CONTENT)('%s are published with a file, or with the time one is expected', async (table) => {
    const publish = (values: object) =>
      service(db, (tx) =>
        tx
          .updateTable(table)
          .set({ status: 'published', ...values })
          .where('id', '=', rowId(table, 'nova-draft'))
          .returning('is_ready')
          .executeTakeFirstOrThrow(),
      )
    await expectRefusal(publish({}), 'check', `${table}_published_has_file`)
    expect(await publish({ expected_at: new Date('2026-01-01T00:00:00Z') })).toEqual({ is_ready: false })
    expect(await publish({ expected_at: null, file_key: 'objects/other' })).toEqual({ is_ready: true })
    await service(db, (tx) =>
      tx
        .updateTable(table)
        .set({ status: 'draft', file_key: null })
        .where('id', '=', rowId(table, 'nova-draft'))
        .execute(),
    )
  })

  test('R-MM-05: two DJs can not have one slug', async () => {
    await expectRefusal(
      caller(db, as('bo'), (tx) =>
        tx.insertInto('dj_profiles').values({ user_id: PEOPLE.bo, dj_name: 'Other', slug: 'nova' }).execute(),
      ),
      'unique',
      'dj_profiles_slug_key',
    )
  })

  test('R-MM-07: a DJ who waits for approval adds no content', async () => {
    await caller(db, as('bo'), (tx) =>
      tx.insertInto('dj_profiles').values({ user_id: PEOPLE.bo, dj_name: 'Bo', slug: 'bo' }).execute(),
    )
    for (const table of ['tracks', 'album_packs'] as const) {
      const row = table === 'tracks' ? make.track(PEOPLE.bo, 'Early') : make.pack(PEOPLE.bo, 'Early')
      await expectRefusal(
        caller(db, as('bo'), (tx) => tx.insertInto(table).values(row).execute()),
        'rights',
      )
    }
  })

  test('R-MM-08: a suspended DJ’s catalogue is hidden, except from those who bought of it', async () => {
    const setStatus = (status: string) =>
      service(db, (tx) => tx.updateTable('dj_profiles').set({ status }).where('user_id', '=', nova).execute())
    const seenBy = (who: Parameters<typeof caller>[1]) =>
      caller(db, who, (tx) =>
        tx.selectFrom('tracks').select('id').where('id', '=', rowId('tracks', 'nova-published')).execute(),
      )
    expect(await seenBy(ANON)).toHaveLength(1)
    await setStatus('suspended')
    expect(await seenBy(ANON)).toHaveLength(0)
    expect(await seenBy(as('vega'))).toHaveLength(0)
    expect(await seenBy(as('ana'))).toHaveLength(1)
    await setStatus('approved')
  })

  test('R-MM-73: a DJ sees the drafts of no other DJ', async () => {
    const seen = await caller(db, as('nova'), (tx) =>
      tx.selectFrom('tracks').select('id').where('id', '=', rowId('tracks', 'vega-draft')).execute(),
    )
    expect(seen).toEqual([])
  })

  describe('search', () => {
    const find = async (words: string) => {
      const { rows } = await caller(db, ANON, (tx) =>
        sql<{
          title: string
        }>`select title from tracks where word_similarity(app.search_form(${words}), search_text) >= 0.5
          order by word_similarity(app.search_form(${words}), search_text) desc, title`.execute(tx),
      )
      return rows.map(({ title }) => title)
    }
    beforeAll(async () => {
      await service(db, async (tx) => {
        const published = { status: 'published', file_key: 'objects/file' }
        const { id } = await tx
          .insertInto('tracks')
          .values({ ...make.track(PEOPLE.vega, 'Über den Wolken'), artist_name: 'Zoë', ...published })
          .returning('id')
          .executeTakeFirstOrThrow()
        const pack = await tx
          .insertInto('album_packs')
          .values(make.pack(PEOPLE.vega, 'Midnight Tools'))
          .returning('id')
          .executeTakeFirstOrThrow()
        await tx.insertInto('album_pack_tracks').values({ album_pack_id: pack.id, track_id: id, position: 0 }).execute()
      })
    })

    test.each([
      ['title', 'wolken'],
      ['title without its accent', 'uber den'],
      ['title with a slip of the finger', 'wolkne'],
      ['artist', 'zoe'],
      ['DJ', 'VEGA'],
      ['album pack', 'midnigt'],
    ])('finds a track by its %s', async (_what, words) => {
      expect(await find(words)).toEqual(['Über den Wolken'])
    })
    test('finds nothing for what is nowhere', async () => {
      expect(await find('quetzalcoatl')).toEqual([])
    })
    test('follows a changed DJ name and a changed pack title', async () => {
      await service(db, async (tx) => {
        await tx.updateTable('dj_profiles').set({ dj_name: 'Cassiopeia' }).where('slug', '=', 'vega').execute()
        await tx
          .updateTable('album_packs')
          .set({ title: 'Sunrise Collection' })
          .where('title', '=', 'Midnight Tools')
          .execute()
      })
      expect(await find('cassiopeia')).toEqual(['Über den Wolken'])
      expect(await find('sunrise collection')).toEqual(['Über den Wolken'])
      expect(await find('midnight')).toEqual([])
      await service(db, (tx) =>
        tx
          .deleteFrom('album_pack_tracks')
          .where('position', '=', 0)
          .where(
            'album_pack_id',
            'in',
            tx.selectFrom('album_packs').select('id').where('title', '=', 'Sunrise Collection'),
          )
          .execute(),
      )
      expect(await find('sunrise collection')).toEqual([])
    })
  })
})
