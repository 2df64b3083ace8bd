import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openPostgres } from '../../../server/db/database.ts'
import { freshDatabase, type TestDatabase } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { type PublicTable, seedFixtures } from './fixtures.ts'
import { actualCells, expectedCells, labelsOf, OPERATIONS } from './rls-cells.ts'

interface Policy {
  readonly table: PublicTable
  readonly name: string
  readonly cmd: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALL'
}

/** Policies that let everybody see everything anyway: widening them changes nothing. */
const OPEN = ['genres.everybody', 'tags.everybody']

let database: TestDatabase
let owner: Database
beforeAll(async () => {
  database = await freshDatabase('PostgreSQL')
  if (database.url === null) throw new Error('Changing policies takes the owner')
  owner = openPostgres(database.url, { max: 1 })
  await seedPeople(database.db)
  await seedFixtures(database.db)
})
afterAll(async () => {
  await owner.destroy()
  await database[Symbol.asyncDispose]()
})

test('the matrix notices every client policy that is widened to everything', async () => {
  const { rows: policies } = await sql<Policy>`select tablename as table, policyname as name, cmd from pg_policies
    where schemaname = 'public' and policyname <> 'server' order by 1, 2`.execute(owner)
  expect(policies.length).toBeGreaterThan(50)
  const unnoticed: string[] = []
  for (const policy of policies) {
    await withWidened(policy, async () => {
      if (!(await isNoticed(policy.table))) unnoticed.push(`${policy.table}.${policy.name}`)
    })
  }
  expect(unnoticed).toEqual(OPEN)
})

test('the matrix notices every table whose row level security is off', async () => {
  const { rows } = await sql<{ table: PublicTable }>`select distinct tablename as table from pg_policies
    where schemaname = 'public' and policyname <> 'server' order by 1`.execute(owner)
  const unnoticed: string[] = []
  for (const { table } of rows) {
    await sql`alter table ${sql.table(table)} disable row level security`.execute(owner)
    if (!(await isNoticed(table))) unnoticed.push(table)
    await sql`alter table ${sql.table(table)} enable row level security`.execute(owner)
  }
  expect(unnoticed).toEqual(['genres', 'tags'])
})

async function isNoticed(table: PublicTable): Promise<boolean> {
  const labels = await labelsOf(database.db, table)
  for (const operation of OPERATIONS) {
    const expected = expectedCells(table, operation, labels)
    if (expected === null) continue
    const actual = await actualCells(database.db, table, operation, labels)
    if (JSON.stringify(Object.entries(actual).sort()) !== JSON.stringify(Object.entries(expected).sort())) return true
  }
  return false
}

/** Makes the policy let everything through while `work` runs, then puts it back as it was. */
async function withWidened({ table, name, cmd }: Policy, work: () => Promise<void>): Promise<void> {
  const { rows } = await sql<{ using: string | null; check: string | null }>`
    select qual as using, with_check as check from pg_policies where tablename = ${table} and policyname = ${name}`.execute(
    owner,
  )
  const [before] = rows
  if (before === undefined) throw new Error(`No policy ${name} on ${table}`)
  const set = (using: string | null, check: string | null) => {
    const clauses = [
      ...(cmd === 'INSERT' || using === null ? [] : [`using (${using})`]),
      ...(check === null ? [] : [`with check (${check})`]),
    ]
    return sql`alter policy ${sql.ref(name)} on ${sql.table(table)} ${sql.raw(clauses.join(' '))}`.execute(owner)
  }
  await set(before.using === null ? null : 'true', before.check === null ? null : 'true')
  try {
    await work()
  } finally {
    await set(before.using, before.check)
  }
}
