import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Database, openPglite } from '../../../server/db/database.ts'
import { openDatabase } from '../../../server/db/engine.ts'
import { LOGIN_ROLE } from '../../../server/db/login-role.ts'
import { type Comeback, PgliteLives, pauseAfter } from '../../../server/db/pglite-lives.ts'
import { PgliteThread } from '../../../server/db/pglite-thread.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { expectedFailure } from '../../../server/http/failure.ts'
import { freshDatabase } from '../../_kit/databases.ts'

const LOST = { name: 'DatabaseLostError', code: '08006' }
/** PostgreSQL ends its backend for this one: it waits for rows that can not come. */
const FATAL = 'copy kept from stdin'
const NEVER_ENDS = 'do $$ begin loop end loop; end $$'

let template: string
let folder: string

beforeAll(async () => {
  template = await mkdtemp(path.join(tmpdir(), 'mixmint-pglite-'))
  await using thread = await PgliteThread.start({ dataDir: template, role: undefined, image: undefined })
  await thread.request('script', 'create table kept (name text); insert into kept values ($$tide$$)')
})
afterAll(() => rm(template, { recursive: true }))

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-pglite-'))
})
afterEach(() => rm(folder, { recursive: true }))

const run = (db: Database, statement: string) => sql.raw(statement).execute(db)
const names = async (db: Database) => (await run(db, 'select name from kept order by name')).rows

/** Opens a folder with one committed row in it; `losses` is what was said of losses. */
async function openWithRow(comeback: Partial<Comeback> = {}) {
  await cp(template, folder, { recursive: true })
  const losses: string[] = []
  const onLoss = (error: Error) => void losses.push(error.message)
  return { db: openPglite(folder, { comeback: { role: 'postgres', onLoss, ...comeback } }), losses }
}

describe('an embedded database whose thread was lost', () => {
  it('comes back with the next request, with what was committed; the open transaction fails to its end', async () => {
    const { db, losses } = await openWithRow()
    let late: Promise<unknown> | undefined
    const work = db.transaction().execute(async (tx) => {
      await run(tx, 'insert into kept values ($$lost$$)')
      await run(tx, FATAL).catch(() => undefined)
      late = run(tx, 'insert into kept values ($$late$$)')
      await late.catch(() => undefined)
    })
    await expect(work).rejects.toMatchObject(LOST)
    await expect(late).rejects.toMatchObject(LOST)
    expect(await names(db)).toEqual([{ name: 'tide' }])
    expect(losses).toEqual([expect.stringContaining('FATAL')])
    await db.destroy()
  })

  it('comes back after a statement that never ends, for everyone who waited behind it', async () => {
    const { db, losses } = await openWithRow({ patience: { lookMs: 50, looks: 4 } })
    const hung = run(db, NEVER_ENDS)
    const behind = [names(db), names(db), names(db)]
    await expect(hung).rejects.toMatchObject({ ...LOST, message: expect.stringContaining('does not answer') })
    expect(await Promise.all(behind)).toEqual(Array(3).fill([{ name: 'tide' }]))
    expect(losses).toHaveLength(1)
    await db.destroy()
  })

  it('is opened once for all who ask at the same time', async () => {
    await cp(template, folder, { recursive: true })
    const lives = new PgliteLives({ dataDir: folder, role: undefined, image: undefined }, { role: 'postgres' })
    const first = await lives.current()
    await expect(first.request('script', FATAL)).rejects.toMatchObject(LOST)
    const [second, third] = await Promise.all([lives.current(), lives.current()])
    expect(second).not.toBe(first)
    expect(third).toBe(second)
    await expect(first.request('query', 'select 1')).rejects.toMatchObject(LOST)
    await lives.close()
  })

  it('that can not be opened is tried again after a pause, and says so meanwhile', async () => {
    let now = 0
    const { db, losses } = await openWithRow({ now: () => now })
    const control = path.join(folder, 'global/pg_control')
    await expect(run(db, FATAL)).rejects.toMatchObject(LOST)
    await rename(control, `${control}.away`)
    for (let turn = 0; turn < 3; turn++)
      await expect(names(db)).rejects.toMatchObject({ ...LOST, message: expect.stringContaining('Cannot open') })
    expect(losses).toHaveLength(2)
    await rename(`${control}.away`, control)
    await expect(names(db)).rejects.toMatchObject(LOST)
    now += 60_000
    expect(await names(db)).toEqual([{ name: 'tide' }])
    expect(losses).toHaveLength(2)
    await db.destroy()
  })

  it('can be closed while it is being opened again, and while it is lost', async () => {
    const { db, losses } = await openWithRow()
    await expect(run(db, FATAL)).rejects.toMatchObject(LOST)
    const asked = names(db).catch((error: unknown) => error)
    await db.destroy()
    expect([[{ name: 'tide' }], expect.objectContaining(LOST)]).toContainEqual(await asked)
    expect(losses).toHaveLength(1)

    const again = openPglite(folder, { comeback: { role: 'postgres' } })
    expect(await names(again)).toEqual([{ name: 'tide' }])
    await expect(run(again, FATAL)).rejects.toMatchObject(LOST)
    await again.destroy()
    await expect(names(again)).rejects.toThrow('destroyed')
  })

  it('stays lost in memory, and says so every time', async () => {
    await using database = await freshDatabase('PGlite')
    const asServer = (statement: string) =>
      asCaller(database.db, { role: 'service_role' }, (tx) => sql.raw(statement).execute(tx))
    const lost = { ...LOST, message: expect.stringContaining('FATAL') }
    await expect(asServer('copy genres from stdin')).rejects.toMatchObject(lost)
    for (let turn = 0; turn < 2; turn++) await expect(asServer('select 1')).rejects.toMatchObject(lost)
  })
})

it('the embedded database of a server comes back as the login role, and its callers are told to try again', async () => {
  const losses: Error[] = []
  const { db, close } = await openDatabase(
    { kind: 'pglite', dataDir: path.join(folder, 'database') },
    { isLocal: true, onLoss: (error) => void losses.push(error) },
  )
  const session = async () =>
    sql`select session_user as name, current_setting('search_path') as path,
      (select count(*)::int from pg_settings where name ~ '^(idle.*|transaction)_timeout$' and setting <> '0') as limits`
      .execute(db)
      .then(({ rows }) => rows)
  // No time limit that ends a session: where a computer sleeps in the middle of a transaction, that would be the end of the database.
  const asLogin = [{ name: LOGIN_ROLE, path: 'public, extensions', limits: 0 }]
  expect(await session()).toEqual(asLogin)
  const work = asCaller(db, { role: 'service_role' }, async (tx) => {
    await tx.insertInto('genres').values({ name: 'House', slug: 'house' }).execute()
    await sql`copy genres from stdin`.execute(tx)
  })
  expect(expectedFailure(await work.catch((error: unknown) => error))).toMatchObject({ code: 'server-busy' })
  expect(await session()).toEqual(asLogin)
  const genres = asCaller(db, { role: 'service_role' }, (tx) => tx.selectFrom('genres').select('slug').execute())
  expect(await genres).toEqual([])
  expect(losses).toHaveLength(1)
  await close()
})

it('the pause before a lost database is opened again grows with each short life, up to a minute', () => {
  expect([0, 1, 2, 3, 6, 7, 100].map(pauseAfter)).toEqual([0, 1000, 2000, 4000, 32_000, 60_000, 60_000])
})
