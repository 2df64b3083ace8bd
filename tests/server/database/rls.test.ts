import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { asCaller, asServer, type Caller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { ANON, as, PEOPLE, SERVICE, seedPeople } from '../../_kit/people.ts'
import { FIXTURES, type PublicTable, rowId, seedFixtures } from './fixtures.ts'
import { ACTORS, type Actor, type Expected, RLS_MATRIX } from './rls-matrix.ts'

const TABLES = Object.keys(RLS_MATRIX) as PublicTable[]
/** Tables whose rows come with an account, labelled with the person they belong to. */
const PERSONAL: Readonly<Partial<Record<PublicTable, string>>> = {
  profiles: 'id',
  user_roles: 'user_id',
  user_profiles: 'user_id',
  dj_profiles: 'user_id',
  admin_users: 'id',
  subscriptions: 'user_id',
  wallets: 'user_id',
}
const RIGHTS = '42501'
const APPEND_ONLY = '55000'

describeEachEngine(
  'row level security',
  (open) => {
    let db: Database
    const labels = new Map<PublicTable, ReadonlyMap<string, string>>()

    beforeAll(async () => {
      ;({ db } = await open())
      await seedPeople(db)
      await seedFixtures(db)
      for (const table of TABLES) labels.set(table, await labelsOf(db, table))
    })

    test('every table of the schema is in the matrix, and the other way round', async () => {
      const { rows } = await sql<{ name: string }>`select relname as name from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`.execute(db)
      expect([...TABLES].sort()).toEqual(rows.map(({ name }) => name))
    })

    test('every table has a row to see, so that nothing passes for want of one', () => {
      for (const table of TABLES) expect([table, labels.get(table)?.size]).not.toEqual([table, 0])
    })

    describe.each(TABLES)('%s', (table) => {
      const rules = RLS_MATRIX[table]
      const ids = () => [...(labels.get(table) ?? new Map<string, string>())]
      const expected = (cell: Expected): Expected =>
        cell === 'all'
          ? ids()
              .map(([, label]) => label)
              .sort()
          : cell

      test.each(ACTORS)('%s selects', async (actor) => {
        const outcome = await attempt(db, actor, async (tx) => {
          const { rows } = await sql<{ id: string }>`select id from ${sql.table(table)}`.execute(tx)
          return rows.map(({ id }) => labels.get(table)?.get(id) ?? id).sort()
        })
        expect(outcome).toEqual(expected(rules.select[actor]))
      })

      test.each(ACTORS)('%s inserts', async (actor) => {
        expect(await insert(db, actor, table, rules.sample(idOf(actor)))).toEqual(expected(rules.insert[actor]))
      })

      test.each(ACTORS)('%s updates', async (actor) => {
        const outcome = await reached(db, actor, ids(), (tx, id) =>
          sql`update ${sql.table(table)} set ${sql.ref(rules.touch)} = ${sql.ref(rules.touch)} where id = ${id}`.execute(
            tx,
          ),
        )
        expect(outcome).toEqual(expected(rules.update[actor]))
      })

      test.each(ACTORS)('%s deletes', async (actor) => {
        const outcome = await reached(db, actor, ids(), (tx, id) =>
          sql`delete from ${sql.table(table)} where id = ${id}`.execute(tx),
        )
        expect(outcome).toEqual(expected(rules.delete[actor]))
      })

      const { owner } = rules
      const clients = ACTORS.filter((actor) => actor !== 'service' && actor !== 'server')
      if (owner !== null) {
        test.each(clients)('%s never makes a row somebody else’s', async (actor) => {
          const outcome = await reached(db, actor, ids(), (tx, id) =>
            sql`update ${sql.table(table)} set ${sql.ref(owner)} = ${PEOPLE.suspended} where id = ${id}`.execute(tx),
          )
          expect(outcome).toBe('denied')
        })
        test.each(clients)('%s never adds a row for somebody else', async (actor) => {
          const stranger = actor === 'bo' ? 'ana' : 'bo'
          const sample = { ...rules.sample(idOf(stranger)), [owner]: foreign(owner, stranger) }
          expect(await insert(db, actor, table, sample)).toBe('denied')
        })
      }
    })
  },
  ['PGlite', 'PostgreSQL'],
)

/** What the owner column holds in a row of `person`. */
function foreign(owner: string, person: 'ana' | 'bo'): string {
  switch (owner) {
    case 'payment_id':
      return rowId('payments', person)
    case 'crate_id':
      return rowId('crates', person)
    case 'subscription_id':
      return rowId('dj_subscriptions', person)
    case 'album_pack_id':
      return rowId('album_packs', 'nova-published')
    default:
      return PEOPLE[person]
  }
}

function idOf(actor: Actor): string {
  return actor === 'anon' || actor === 'service' || actor === 'server' ? PEOPLE.ana : PEOPLE[actor]
}

function callerOf(actor: Actor): Caller {
  if (actor === 'service') return SERVICE
  return actor === 'anon' || actor === 'server' ? ANON : as(actor)
}

/** Does `work` as the actor and takes it back; a refusal for want of rights is `denied`. */
async function attempt<T>(
  db: Database,
  actor: Actor,
  work: (tx: ServerTransaction) => Promise<T>,
): Promise<T | Expected> {
  const undo = new Error('taken back')
  let outcome: T | Expected = []
  await asCaller(db, callerOf(actor), async (tx) => {
    outcome = await (actor === 'server' ? asServer(tx, work) : work(tx))
    throw undo
  }).catch((error: unknown) => {
    if (error !== undo) outcome = refusal(error)
  })
  return outcome
}

async function insert(db: Database, actor: Actor, table: PublicTable, sample: object): Promise<unknown> {
  return attempt(db, actor, async (tx) => {
    await tx
      .insertInto(table)
      .values(sample as never)
      .execute()
    return 'ok'
  })
}

/** The labels of the rows that a statement reaches, each tried by itself. A foreign key in the way means the rights were there. */
async function reached(
  db: Database,
  actor: Actor,
  rows: readonly (readonly [id: string, label: string])[],
  statement: (tx: ServerTransaction, id: string) => Promise<{ numAffectedRows?: bigint | undefined }>,
): Promise<unknown> {
  const found: string[] = []
  for (const [id, label] of rows) {
    const outcome = await attempt(db, actor, async (tx) => (await statement(tx, id)).numAffectedRows ?? 0n)
    if (outcome === 'denied' || outcome === 'append-only') return outcome
    if (outcome === 'constraint' || outcome === 1n) found.push(label)
  }
  return found.sort()
}

function refusal(error: unknown): Expected {
  const { code } = error as { code?: string }
  if (code === RIGHTS) return 'denied'
  if (code === APPEND_ONLY) return 'append-only'
  if (code === '23503' || code === '23505' || code === '23001') return 'constraint'
  throw error
}

async function labelsOf(db: Database, table: PublicTable): Promise<ReadonlyMap<string, string>> {
  const personal = PERSONAL[table]
  const names = new Map(Object.entries(PEOPLE).map(([name, id]) => [id as string, name]))
  if (personal !== undefined) {
    const { rows } = await asCaller(db, SERVICE, (tx) =>
      sql<{ id: string; person: string }>`select id, ${sql.ref(personal)} as person from ${sql.table(table)}`.execute(
        tx,
      ),
    )
    return new Map(rows.map(({ id, person }) => [id, names.get(person) ?? person]))
  }
  const given = table === 'wallet_balances' ? ['ana', 'bo', 'admin'] : Object.keys(FIXTURES[table] ?? {})
  return new Map(given.map((label) => [rowId(table, label), label]))
}
