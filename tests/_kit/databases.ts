import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, describe, inject } from 'vitest'
import { type Database, openPglite, openPostgres } from '../../server/db/database.ts'
import { LOGIN_ROLE } from '../../server/db/login-role.ts'
import { withDatabase } from './postgres-url.ts'
import { TEMPLATE } from './templates.ts'

export type Engine = 'PGlite' | 'PostgreSQL' | 'PostgreSQL with one connection'
export const ENGINES: readonly Engine[] = ['PGlite', 'PostgreSQL', 'PostgreSQL with one connection']

/** A fresh, migrated, local-mode database whose sessions are the server's login role. */
export interface TestDatabase extends AsyncDisposable {
  readonly engine: Engine
  readonly db: Database
  /** The superuser's address, to open the same database again; null on PGlite, which has one session. */
  readonly url: string | null
  /** Another pool on the same database, as a second server process has it. PGlite gives `db` itself. */
  openSecond(max?: number): Database
}

/** Makes a database of its own, cloned from the migrated template of the engine. Dispose of it. */
export async function freshDatabase(engine: Engine): Promise<TestDatabase> {
  if (engine === 'PGlite') {
    const image = new Blob([await readFile(inject('pgliteImage'))])
    const db = openPglite('memory://', { role: LOGIN_ROLE, image })
    return { engine, db, url: null, openSecond: () => db, [Symbol.asyncDispose]: () => db.destroy() }
  }
  const { url, drop } = await freshPostgres()
  const asServer = withDatabase(url, new URL(url).pathname.slice(1), LOGIN_ROLE)
  const pools = [openPostgres(asServer, { max: engine === 'PostgreSQL' ? 10 : 1 })]
  const [db] = pools as [Database]
  return {
    engine,
    db,
    url,
    openSecond(max = 10) {
      const pool = openPostgres(asServer, { max })
      pools.push(pool)
      return pool
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((pool) => pool.destroy()))
      await drop()
    },
  }
}

/** A fresh migrated database on the real PostgreSQL, as the superuser's address (`DATABASE_URL` of a local server). */
export async function freshPostgres(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(`create database ${name} template ${TEMPLATE}`)
  return {
    url: withDatabase(inject('postgresUrl'), name),
    drop: () => onServer(`drop database if exists ${name} with (force)`),
  }
}

/** The whole suite once for each engine; databases opened with `open` are closed after it. */
export function describeEachEngine(
  name: string,
  suite: (open: () => Promise<TestDatabase>, engine: Engine) => void,
  engines: readonly Engine[] = ENGINES,
): void {
  describe.each(engines)(`${name} (%s)`, (engine) => {
    const opened: TestDatabase[] = []
    afterAll(async () => {
      for (const database of opened) await database[Symbol.asyncDispose]()
    })
    suite(async () => {
      const database = await freshDatabase(engine)
      opened.push(database)
      return database
    }, engine)
  })
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  // Cloning waits for nobody: two clones of one template at once would refuse each other.
  await client.query("select pg_advisory_lock(hashtext('clone'))")
  await client.query(statement)
  await client.end()
}
