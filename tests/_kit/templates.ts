import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { unaccent } from '@electric-sql/pglite/contrib/unaccent'
import pg from 'pg'
import { openPostgres } from '../../server/db/database.ts'
import { migrate, readLocalScripts, readMigrations } from '../../server/db/migrate.ts'
import { withDatabase } from './postgres-url.ts'

const CACHE = new URL('../../.tmp/', import.meta.url)
export const TEMPLATE = 'mixmint_template'

/** Makes the migrated database that every test database on this PostgreSQL is cloned from. */
export async function makePostgresTemplate(url: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`create database ${TEMPLATE}`)
  await admin.end()
  const db = openPostgres(withDatabase(url, TEMPLATE), { max: 1 })
  await migrate(db, { withShim: true })
  await db.destroy()
}

/** The path of a tarball of a migrated PGlite folder, made once for each state of the migrations. */
export async function makePgliteImage(): Promise<string> {
  const { shim, localMode } = await readLocalScripts()
  const migrations = await readMigrations()
  const version = await readFile(new URL('../../node_modules/@electric-sql/pglite/package.json', import.meta.url))
  const hash = createHash('sha256')
  for (const text of [shim, ...migrations.map((migration) => migration.text), localMode, version]) hash.update(text)
  const file = fileURLToPath(new URL(`pglite-${hash.digest('hex').slice(0, 16)}.tar`, CACHE))
  if (existsSync(file)) return file
  const db = await PGlite.create({ extensions: { pg_trgm, unaccent } })
  await db.exec(shim)
  await db.exec(
    'create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text)',
  )
  for (const { version, name, text } of migrations) {
    await db.exec(text)
    await db.query('insert into supabase_migrations.schema_migrations values ($1, $2, $3)', [version, [text], name])
  }
  await db.exec(localMode)
  const image = await db.dumpDataDir('none')
  await db.close()
  await mkdir(CACHE, { recursive: true })
  // Written beside and renamed: another run may look for it meanwhile.
  const half = `${file}.${process.pid}`
  await writeFile(half, new Uint8Array(await image.arrayBuffer()))
  await rename(half, file)
  return file
}
