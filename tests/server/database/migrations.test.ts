import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { type Database, openPglite, openPostgres } from '../../../server/db/database.ts'
import { migrate, readMigrations } from '../../../server/db/migrate.ts'
import { withDatabase } from '../../_kit/postgres-url.ts'

const opened: Database[] = []
const dropped: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const db of opened) await db.destroy()
  for (const drop of dropped) await drop()
})

async function openEmpty(engine: string): Promise<Database> {
  const db = engine === 'PGlite' ? openPglite('memory://') : await emptyPostgres()
  opened.push(db)
  return db
}

async function emptyPostgres(): Promise<Database> {
  const url = inject('postgresUrl')
  const name = `empty_${randomUUID().replaceAll('-', '')}`
  const run = async (statement: string) => {
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    await admin.query(statement)
    await admin.end()
  }
  await run(`create database ${name}`)
  dropped.push(() => run(`drop database ${name} with (force)`))
  return openPostgres(withDatabase(url, name), { max: 4 })
}

async function shapeOf(db: Database): Promise<unknown> {
  const { rows } = await sql`
    select c.oid::regclass::text as name, a.attname as column, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull",
      pg_get_expr(d.adbin, d.adrelid) as default, a.attacl::text as grants
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) order by 1, 2`.execute(db)
  return rows
}

describe.each(['PGlite', 'PostgreSQL'])('the migrations on %s', (engine) => {
  test('apply to an empty database, and a second time change nothing', async () => {
    const db = await openEmpty(engine)
    const versions = (await readMigrations()).map(({ version }) => version)
    expect(await migrate(db, { withShim: true })).toEqual(versions)
    const before = await shapeOf(db)
    expect(await migrate(db, { withShim: true })).toEqual([])
    expect(await shapeOf(db)).toEqual(before)
  })

  test('fill Supabase’s own ledger, so that `supabase db push` finds them applied', async () => {
    const db = await openEmpty(engine)
    await migrate(db, { withShim: true })
    const { rows } = await sql<{ version: string; name: string }>`
      select version, name from supabase_migrations.schema_migrations order by version`.execute(db)
    expect(rows).toEqual((await readMigrations()).map(({ version, name }) => ({ version, name })))
  })

  test('two processes that start at once apply each file once', async () => {
    const db = await openEmpty(engine)
    const [one, two] = await Promise.all([migrate(db, { withShim: true }), migrate(db, { withShim: true })])
    expect([...one, ...two]).toHaveLength((await readMigrations()).length)
  })
})

test('R-SD-01: no migration creates or alters the tables of sign-in', async () => {
  const touching = /\b(create|alter|drop)\s+(table|schema|index|type|view)\s+(if\s+(not\s+)?exists\s+)?auth\b/i
  const found = (await readMigrations()).filter(({ text }) => touching.test(text.replace(/--.*$/gm, '')))
  expect(found.map(({ name }) => name)).toEqual([])
  expect(touching.test('create table if not exists auth.users (id uuid)')).toBe(true)
})

test('the generated types are those of the migrations', () => {
  const script = fileURLToPath(new URL('../../../scripts/generate-types.ts', import.meta.url))
  const run = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(run.stderr).toBe('')
  expect(run.status).toBe(0)
})
