import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../server/db/engine.ts'
import { openExclusiveLock } from '../../../server/db/exclusive-lock.ts'
import { LOGIN_ROLE } from '../../../server/db/login-role.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { freshPostgres } from '../../_kit/databases.ts'
import { ANON } from '../../_kit/people.ts'
import { withDatabase } from '../../_kit/postgres-url.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-engine-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Starts a process that locks `file`, says so, and waits. */
async function lockElsewhere(file: string) {
  const module = fileURLToPath(new URL('../../../server/db/exclusive-lock.ts', import.meta.url))
  const script = `const { openExclusiveLock } = await import(${JSON.stringify(module)})
    console.log(openExclusiveLock(${JSON.stringify(file)}) === null ? 'refused' : 'locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: String(said).trim() }
}

describe('the exclusive lock', () => {
  test('is refused to a second holder, in this process and in another, until it is released', async () => {
    const file = path.join(folder, 'one.lock')
    const lock = openExclusiveLock(file)
    expect(lock).not.toBeNull()
    expect(openExclusiveLock(file)).toBeNull()
    const other = await lockElsewhere(file)
    expect(other.said).toBe('refused')
    other.child.kill('SIGKILL')
    lock?.release()
    const next = openExclusiveLock(file)
    expect(next).not.toBeNull()
    next?.release()
  })
  test('is released by the system when its process is killed', async () => {
    const file = path.join(folder, 'two.lock')
    const { child, said } = await lockElsewhere(file)
    expect(said).toBe('locked')
    expect(openExclusiveLock(file)).toBeNull()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = openExclusiveLock(file)
    expect(lock).not.toBeNull()
    lock?.release()
  })
})

describe('the embedded engine', () => {
  test('makes its folder, refuses it to a second server, and finds its rows again', async () => {
    const dataDir = path.join(folder, 'data/database')
    const target = { kind: 'pglite', dataDir } as const
    const first = await openDatabase(target, { isLocal: true })
    await expect(openDatabase(target, { isLocal: true })).rejects.toMatchObject({
      code: 'database-in-use',
      message: expect.stringContaining('MIXMINT_DATA_DIR'),
    })
    await asCaller(first.db, { role: 'service_role' }, (tx) =>
      tx.insertInto('genres').values({ name: 'House', slug: 'house' }).execute(),
    )
    await first.close()
    const second = await openDatabase(target, { isLocal: true })
    const genres = await asCaller(second.db, ANON, (tx) => tx.selectFrom('genres').select('slug').execute())
    const { rows } = await sql`select current_user as "current", session_user as session`.execute(second.db)
    await second.close()
    expect(genres).toEqual([{ slug: 'house' }])
    expect(rows).toEqual([{ current: LOGIN_ROLE, session: LOGIN_ROLE }])
  })
})

describe('a real PostgreSQL', () => {
  let url: string
  let drop: () => Promise<void>
  beforeAll(async () => {
    ;({ url, drop } = await freshPostgres())
  })
  afterAll(() => drop())
  const asLogin = () => withDatabase(url, new URL(url).pathname.slice(1), LOGIN_ROLE)
  const asOwner = async (statement: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(statement)
    await client.end()
  }

  test('in local mode takes the login role over on every connection', async () => {
    const { db, close } = await openDatabase({ kind: 'postgres', url, poolSize: 3 }, { isLocal: true })
    const sessions = await Promise.all(
      Array.from({ length: 6 }, () =>
        sql`select session_user as session, current_setting('search_path') as path, pg_sleep(0.01) is null as slept`.execute(
          db,
        ),
      ),
    )
    await close()
    for (const { rows } of sessions)
      expect(rows).toEqual([{ session: LOGIN_ROLE, path: 'public, extensions', slept: false }])
  })

  test('in production refuses a role with rights of its own', async () => {
    await expect(openDatabase({ kind: 'postgres', url, poolSize: 1 }, { isLocal: false })).rejects.toMatchObject({
      code: 'invalid-config',
      message: expect.stringContaining('postgres'),
    })
  })
  test('in production refuses a database whose clock can be set', async () => {
    await expect(
      openDatabase({ kind: 'postgres', url: asLogin(), poolSize: 1 }, { isLocal: false }),
    ).rejects.toMatchObject({ code: 'invalid-config', message: expect.stringContaining('clock') })
  })
  test('in production refuses a database that lacks migrations, and opens one that has them', async () => {
    await asOwner(`create or replace function app.now() returns timestamptz language sql stable set search_path = ''
      as 'select clock_timestamp()'`)
    const open = () => openDatabase({ kind: 'postgres', url: asLogin(), poolSize: 1 }, { isLocal: false })
    const { db, close } = await open()
    await asCaller(db, ANON, (tx) => tx.selectFrom('genres').select('id').execute())
    await close()
    await asOwner(`delete from supabase_migrations.schema_migrations
      where version = (select max(version) from supabase_migrations.schema_migrations)`)
    await expect(open()).rejects.toMatchObject({ code: 'invalid-config', message: expect.stringContaining('lacks 1') })
  })
})
