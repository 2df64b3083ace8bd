import { sql } from 'kysely'
import type { Database } from '../../../server/db/database.ts'
import { asCaller, asServer, type Caller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { ANON, as, PEOPLE, SERVICE } from '../../_kit/people.ts'
import { FIXTURES, type PublicTable, rowId } from './fixtures.ts'
import { ACTORS, type Actor, type Cells, type Expected, RLS_MATRIX } from './rls-matrix.ts'

export const OPERATIONS = ['select', 'insert', 'update', 'delete', 'change of owner', 'insert for another'] as const
export type Operation = (typeof OPERATIONS)[number]

/** The row ids of a table, with the labels that the matrix uses. */
export type Labels = ReadonlyMap<string, string>

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
const KEYS = new Set(['23001', '23503', '23505'])

/** What the matrix expects of an operation, by actor; null where the table has no owner to change. */
export function expectedCells(table: PublicTable, operation: Operation, labels: Labels): Partial<Cells> | null {
  const rules = RLS_MATRIX[table]
  if (operation === 'change of owner' || operation === 'insert for another') {
    if (rules.owner === null) return null
    const clients = ACTORS.filter((actor) => actor !== 'service' && actor !== 'server')
    return Object.fromEntries(clients.map((actor) => [actor, 'denied'])) as Partial<Cells>
  }
  const all = [...labels.values()].sort()
  return Object.fromEntries(
    Object.entries(rules[operation]).map(([actor, cell]) => [actor, cell === 'all' ? all : cell]),
  )
}

/** What the database does, by actor: each cell tried in a transaction that is taken back. */
export async function actualCells(
  db: Database,
  table: PublicTable,
  operation: Operation,
  labels: Labels,
): Promise<Partial<Cells>> {
  const cells: Partial<Record<Actor, Expected>> = {}
  for (const actor of Object.keys(expectedCells(table, operation, labels) ?? {}) as Actor[])
    cells[actor] = await cell(db, table, operation, labels, actor)
  return cells
}

async function cell(
  db: Database,
  table: PublicTable,
  operation: Operation,
  labels: Labels,
  actor: Actor,
): Promise<Expected> {
  const { owner, touch, sample } = RLS_MATRIX[table]
  const name = sql.table(table)
  switch (operation) {
    case 'select':
      return attempt(db, actor, async (tx) => {
        const { rows } = await sql<{ id: string }>`select id from ${name}`.execute(tx)
        return rows.map(({ id }) => labels.get(id) ?? id).sort()
      })
    case 'insert':
      return insert(db, actor, table, sample(idOf(actor)))
    case 'update':
      return reached(db, actor, labels, (tx, id) =>
        sql`update ${name} set ${sql.ref(touch)} = ${sql.ref(touch)} where id = ${id}`.execute(tx),
      )
    case 'delete':
      return reached(db, actor, labels, (tx, id) => sql`delete from ${name} where id = ${id}`.execute(tx))
    case 'change of owner':
      return reached(db, actor, labels, (tx, id) =>
        sql`update ${name} set ${sql.ref(owner ?? '')} = ${PEOPLE.suspended} where id = ${id}`.execute(tx),
      )
    case 'insert for another': {
      const stranger = actor === 'bo' ? 'ana' : 'bo'
      const column = owner ?? ''
      return insert(db, actor, table, { ...sample(idOf(stranger)), [column]: ownerValue(column, stranger) })
    }
  }
}

/** What the owner column holds in a row of `person`. */
function ownerValue(column: string, person: 'ana' | 'bo'): string {
  switch (column) {
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

async function insert(db: Database, actor: Actor, table: PublicTable, sample: object): Promise<Expected> {
  return attempt(db, actor, async (tx) => {
    await tx
      .insertInto(table)
      .values(sample as never)
      .execute()
    return 'ok' as const
  })
}

/** The labels of the rows that a statement reaches, each tried by itself. A foreign key in the way means the rights were there. */
async function reached(
  db: Database,
  actor: Actor,
  labels: Labels,
  statement: (tx: ServerTransaction, id: string) => Promise<{ numAffectedRows?: bigint | undefined }>,
): Promise<Expected> {
  const found: string[] = []
  let refused: Expected | null = null
  for (const [id, label] of labels) {
    const outcome = await attempt(db, actor, async (tx) => (await statement(tx, id)).numAffectedRows ?? 0n)
    if (outcome === 'denied' || outcome === 'append-only') refused = outcome
    if (outcome === 'constraint' || outcome === 1n) found.push(label)
  }
  return refused !== null && found.length === 0 ? refused : found.sort()
}

function refusal(error: unknown): Expected {
  const { code = '' } = error as { code?: string }
  if (code === RIGHTS) return 'denied'
  if (code === APPEND_ONLY) return 'append-only'
  if (KEYS.has(code)) return 'constraint'
  throw error
}

/** The rows of a table with their labels: those of the fixtures, or of the people they came with. */
export async function labelsOf(db: Database, table: PublicTable): Promise<Labels> {
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
