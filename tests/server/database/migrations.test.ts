import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { type Database, openPglite, openPostgres } from '../../../server/db/database.ts'
import { openDatabase } from '../../../server/db/engine.ts'
import { LOGIN_ROLE } from '../../../server/db/login-role.ts'
import { migrate, readLocalScripts, readMigrations } from '../../../server/db/migrate.ts'
import { withDatabase } from '../../_kit/postgres-url.ts'

const at = (file: string) => fileURLToPath(new URL(`../../../${file}`, import.meta.url))
const SUPABASE = at('node_modules/supabase/dist/supabase.js')

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
  return openPostgres(await emptyPostgresUrl(), { max: 4 })
}

async function emptyPostgresUrl(): Promise<string> {
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
  return withDatabase(url, name)
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

describe('deployment', () => {
  async function withShim(): Promise<{ url: string; owner: Database }> {
    const url = await emptyPostgresUrl()
    const owner = openPostgres(url, { max: 1 })
    opened.push(owner)
    await sql.raw((await readLocalScripts()).shim).execute(owner)
    return { url, owner }
  }
  const opensInProduction = async (url: string) => {
    const login = withDatabase(url, new URL(url).pathname.slice(1), LOGIN_ROLE)
    const { close } = await openDatabase({ kind: 'postgres', url: login, poolSize: 1 }, { isLocal: false })
    await close()
  }

  test('`supabase db push` makes a database that production opens, and finds nothing to do after it', async () => {
    const { url, owner } = await withShim()
    const home = await mkdtemp(path.join(tmpdir(), 'mixmint-push-'))
    dropped.push(() => rm(home, { recursive: true, force: true }))
    const push = () =>
      spawnSync(
        process.execPath,
        [SUPABASE, 'db', 'push', '--workdir', at('server'), `--remote=${url}`, '--yes'],
        // The command keeps state of its own under HOME.
        { encoding: 'utf8', env: { ...process.env, HOME: home, DO_NOT_TRACK: '1' } },
      )
    const first = push()
    expect([first.status, first.status === 0 ? '' : first.stderr]).toEqual([0, ''])
    await opensInProduction(url)
    expect(push().status).toBe(0)
    expect(await migrate(owner, { withShim: false })).toEqual([])
  })

  test('a project’s owner who is no superuser can apply the migrations', async () => {
    const { url, owner } = await withShim()
    const name = new URL(url).pathname.slice(1)
    await sql
      .raw(`create role ${name}_owner login createrole bypassrls;
        grant anon, authenticated, service_role, mixmint_api, mixmint_server to ${name}_owner with admin option;
        alter database ${name} owner to ${name}_owner;
        alter schema public owner to ${name}_owner;
        alter schema extensions owner to ${name}_owner;
        grant usage on schema auth to ${name}_owner;
        grant all on all tables in schema auth to ${name}_owner`)
      .execute(owner)
    const project = openPostgres(withDatabase(url, name, `${name}_owner`), { max: 1 })
    opened.push(project)
    expect(await migrate(project, { withShim: false })).toHaveLength((await readMigrations()).length)
    await opensInProduction(url)
  })
})

test('R-SD-01: no migration creates or alters the tables of sign-in', async () => {
  const touching = /\b(create|alter|drop)\s+(table|schema|index|type|view)\s+(if\s+(not\s+)?exists\s+)?auth\b/i
  const found = (await readMigrations()).filter(({ text }) => touching.test(text.replace(/--.*$/gm, '')))
  expect(found.map(({ name }) => name)).toEqual([])
  expect(touching.test('create table if not exists auth.users (id uuid)')).toBe(true)
})

test('the generated types are those of the migrations', () => {
  const run = spawnSync(process.execPath, [at('scripts/generate-types.ts'), '--check'], { encoding: 'utf8' })
  expect(run.stderr).toBe('')
  expect(run.status).toBe(0)
})
