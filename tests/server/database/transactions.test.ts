import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import {
  asCaller,
  asServer,
  inServerTransaction,
  last,
  type ServerTransaction,
  together,
} from '../../../server/db/transaction.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { ANON, as, PEOPLE, SERVICE, seedPeople } from '../../_kit/people.ts'
import { expectRefusal } from './refusals.ts'

describeEachEngine('transactions', (open) => {
  let db: Database
  beforeAll(async () => {
    ;({ db } = await open())
    await seedPeople(db)
  })
  const roleOf = async (tx: ServerTransaction) =>
    (await sql<{ role: string }>`select current_user as role`.execute(tx)).rows[0]?.role

  test('outside asCaller no table can be read', async () => {
    await expectRefusal(db.selectFrom('profiles').select('id').execute(), 'rights')
    await expectRefusal(db.selectFrom('genres').select('id').execute(), 'rights')
  })
  test('the login role is neither mighty nor an heir, and no statement makes it so', async () => {
    const { rows } = await sql`select rolsuper, rolbypassrls, rolinherit, rolcreaterole from pg_roles
      where rolname = session_user`.execute(db)
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolinherit: false, rolcreaterole: false }])
    await expectRefusal(sql`set role postgres`.execute(db), 'rights')
  })
  test('rights and claims end with the transaction', async () => {
    await asCaller(db, as('ana'), (tx) => tx.selectFrom('profiles').select('id').execute())
    const { rows } =
      await sql`select current_user as role, current_setting('request.jwt.claims', true) as claims`.execute(db)
    expect(rows).toEqual([{ role: 'mixmint_api', claims: '' }])
  })
  test('a read-only transaction refuses to write', async () => {
    await expectRefusal(
      asCaller(db, SERVICE, (tx) => tx.updateTable('genres').set({ name: 'x' }).execute(), { mode: 'read only' }),
      'readOnly',
    )
  })
  test('a transaction inside another on the same database is refused instead of waiting for ever', async () => {
    await expect(asCaller(db, ANON, () => asCaller(db, ANON, (tx) => roleOf(tx)))).rejects.toThrow('already open')
  })
  test('an error takes everything back', async () => {
    const failure = new Error('no')
    const work = asCaller(db, as('ana'), async (tx) => {
      await tx.insertInto('crates').values({ user_id: PEOPLE.ana, name: 'Lost' }).execute()
      throw failure
    })
    await expect(work).rejects.toBe(failure)
    expect(await asCaller(db, as('ana'), (tx) => tx.selectFrom('crates').select('id').execute())).toEqual([])
  })
  test('what fails unheard before a statement is the reason that its error gives', async () => {
    const nobody = { role: 'nobody_at_all' as 'anon' }
    const work = asCaller(db, nobody, (tx) => tx.selectFrom('genres').select('id').execute())
    await expect(work).rejects.toThrow(/nobody_at_all/)
    expect(await asCaller(db, ANON, roleOf)).toBe('anon')
  })
  test('one statement, run again and again by different callers on one connection, shows each only what is theirs', async () => {
    for (let round = 0; round < 5; round += 1)
      for (const who of ['ana', 'bo'] as const) {
        const seen = await asCaller(db, as(who), (tx) =>
          tx.selectFrom('profiles').select('id').where('id', 'in', [PEOPLE.ana, PEOPLE.bo]).execute(),
        )
        expect(seen).toEqual([{ id: PEOPLE[who] }])
        const all = await asCaller(db, as(who), (tx) =>
          asServer(tx, (server) =>
            server.selectFrom('profiles').select('id').where('id', 'in', [PEOPLE.ana, PEOPLE.bo]).execute(),
          ),
        )
        expect(all).toHaveLength(2)
      }
  })
  test('a swallowed failure does not pass for a commit', async () => {
    const work = asCaller(db, as('ana'), async (tx) => {
      await tx.insertInto('crates').values({ user_id: PEOPLE.ana, name: 'Half' }).execute()
      await sql`select 1 / 0`.execute(tx).catch(() => undefined)
    })
    await expect(work).rejects.toThrow()
    expect(await asCaller(db, as('ana'), (tx) => tx.selectFrom('crates').select('id').execute())).toEqual([])
  })

  const bucketsNamed = async (name: string) => {
    const rows = await inServerTransaction(db, (tx) =>
      tx.selectFrom('rate_limits').select('hits').where('bucket', '=', name).execute(),
    )
    return rows.map(({ hits }) => hits)
  }
  const insert = (name: string, hits: number, prefix = sql``) =>
    sql<{
      hits: number
    }>`${prefix} insert into rate_limits (bucket, window_start, hits) values (${name}, app.now(), ${hits}) returning hits`

  test('statements sent together run in their order, and the commit with the last of them', async () => {
    for (let round = 0; round < 4; round += 1) {
      const name = `together ${round}`
      const [one, both] = await inServerTransaction(db, (tx) =>
        together(
          tx,
          insert(name, 1),
          sql<{ hits: number }>`${last} update rate_limits set hits = hits + 1 where bucket = ${name} returning hits`,
        ),
      )
      expect([one, both]).toEqual([[{ hits: 1 }], [{ hits: 2 }]])
      expect(await bucketsNamed(name)).toEqual([2])
    }
  })
  test('when one of the statements sent together fails, none has happened, and its reason is told', async () => {
    const work = (prefix: typeof last) =>
      inServerTransaction(db, (tx) => together(tx, insert('half', 1), insert('half', -1), insert('half', 3, prefix)))
    await expect(work(last)).rejects.toMatchObject({ code: '23514' })
    await expect(work(sql``)).rejects.toMatchObject({ code: '23514' })
    expect(await bucketsNamed('half')).toEqual([])
  })
  test('a last statement that fails takes back what came before it, and the connection goes on', async () => {
    const work = inServerTransaction(db, async (tx) => {
      await insert('before', 1).execute(tx)
      await insert('before', -1, last).execute(tx)
    })
    await expect(work).rejects.toMatchObject({ code: '23514' })
    expect(await bucketsNamed('before')).toEqual([])
    expect(await asCaller(db, ANON, roleOf)).toBe('anon')
  })

  test('asServer lends the server’s rights for its own statements and gives the caller’s back', async () => {
    const roles = await asCaller(db, as('ana'), async (tx) => [
      await roleOf(tx),
      await asServer(tx, async (server) => [
        await roleOf(server),
        await asServer(server, roleOf),
        await roleOf(server),
      ]),
      await roleOf(tx),
    ])
    expect(roles).toEqual(['authenticated', ['mixmint_server', 'mixmint_server', 'mixmint_server'], 'authenticated'])
  })
  test('asServer gives the rights back when its work throws', async () => {
    const role = await asCaller(db, as('ana'), async (tx) => {
      await asServer(tx, () => Promise.reject(new Error('no'))).catch(() => undefined)
      return roleOf(tx)
    })
    expect(role).toBe('authenticated')
  })
  test('asServer gives the rights back when its work is undone to a savepoint', async () => {
    const role = await asCaller(db, as('ana'), async (tx) => {
      await sql`savepoint before`.execute(tx)
      await asServer(tx, (server) => sql`select 1 / 0`.execute(server)).catch(() => undefined)
      await sql`rollback to before`.execute(tx)
      return roleOf(tx)
    })
    expect(role).toBe('authenticated')
  })
  test('the caller still is the caller to auth.uid() inside asServer', async () => {
    const { rows } = await asCaller(db, as('ana'), (tx) =>
      asServer(tx, (server) =>
        sql<{ id: string }>`select (current_setting('request.jwt.claims')::jsonb ->> 'sub') as id`.execute(server),
      ),
    )
    expect(rows).toEqual([{ id: PEOPLE.ana }])
  })

  test('a given clock is the time of the transaction and of what it writes, and of no other', async () => {
    const now = Date.parse('2031-05-05T05:05:05.678Z')
    const made = await asCaller(
      db,
      as('ana'),
      (tx) =>
        tx
          .insertInto('crates')
          .values({ user_id: PEOPLE.ana, name: 'Of the future' })
          .returning('created_at')
          .executeTakeFirstOrThrow(),
      { clock: { now: () => now } },
    )
    expect(made.created_at.getTime()).toBe(now)
    const { rows } = await asCaller(db, ANON, (tx) =>
      sql<{
        distance: number
      }>`select abs(extract(epoch from app.now() - clock_timestamp()))::float as distance`.execute(tx),
    )
    expect(rows[0]?.distance).toBeLessThan(5)
  })

  test('both engines give the same values', async () => {
    const { rows } = await asCaller(db, ANON, (tx) =>
      sql`select 9007199254740993::bigint as big, '2026-02-03'::date as day, 12.50::numeric(5,2) as number, '{"a":[1]}'::jsonb as json,
        array['10.0.0.1/32']::cidr[] as networks, array['x','y'] as words, '10.0.0.1'::inet as address, true as yes, null as nothing,
        '2026-02-03T04:05:06.007Z'::timestamptz as moment, 'INR'::char(3) as currency, count(*) as count`.execute(tx),
    )
    expect(rows).toEqual([
      {
        big: '9007199254740993',
        day: '2026-02-03',
        number: '12.50',
        json: { a: [1] },
        networks: ['10.0.0.1/32'],
        words: ['x', 'y'],
        address: '10.0.0.1',
        yes: true,
        nothing: null,
        moment: new Date('2026-02-03T04:05:06.007Z'),
        currency: 'INR',
        count: '1',
      },
    ])
  })

  test('an error names the constraint and never carries the values of the statement', async () => {
    const secret = 'canary-7f3a'
    const error: unknown = await asCaller(db, SERVICE, async (tx) => {
      const row = { name: secret, slug: secret }
      await tx.insertInto('genres').values(row).execute()
      await tx.insertInto('genres').values(row).execute()
    }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: '23505', constraint: 'genres_slug_key' })
    const { message, stack } = error as Error
    expect(JSON.stringify({ ...(error as Error), message, stack })).not.toContain(secret)
  })

  test('an input that can not be read is not quoted either', async () => {
    const error: unknown = await asCaller(db, ANON, (tx) => sql`select ${'canary-7f3a'}::uuid`.execute(tx)).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code: '22P02' })
    expect((error as Error).message + (error as Error).stack).not.toContain('canary-7f3a')
  })
})
