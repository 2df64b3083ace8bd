import { sql } from 'kysely'
import { AppError } from '../../contract/errors.ts'
import type { DatabaseTarget } from '../config.ts'
import { type Database, openPglite, openPostgres } from './database.ts'
import { openExclusiveLock } from './exclusive-lock.ts'
import { LIMITS, LOGIN_ROLE, SESSION } from './login-role.ts'
import { migrate, readMigrations } from './migrate.ts'

export interface OpenDatabase {
  readonly db: Database
  close(): Promise<void>
}

export interface OpenOptions {
  readonly isLocal: boolean
  /** Hears when the embedded database was lost; the next use opens it again. */
  readonly onLoss?: ((error: Error) => void) | undefined
}

/**
 * Opens the database whose sessions are the login role `mixmint_api`. Local mode migrates it first; production demands that
 * this was done, and that the clock can not be set. Throws `database-in-use`, `invalid-config`.
 */
export function openDatabase(target: DatabaseTarget, options: OpenOptions): Promise<OpenDatabase> {
  if (target.kind === 'pglite') return openEmbedded(target.dataDir, options.onLoss)
  return options.isLocal ? openLocalPostgres(target.url, target.poolSize) : openProduction(target.url, target.poolSize)
}

async function openEmbedded(dataDir: string, onLoss: OpenOptions['onLoss']): Promise<OpenDatabase> {
  const isInMemory = dataDir.startsWith('memory://')
  const lock = isInMemory ? { release() {} } : openExclusiveLock(`${dataDir}.lock`)
  if (lock === null)
    throw new AppError(
      'database-in-use',
      `Another MixMint server uses ${dataDir}. Stop it, or choose another folder with MIXMINT_DATA_DIR.`,
      { dataDir },
    )
  const db = openPglite(dataDir, { comeback: isInMemory ? undefined : { role: LOGIN_ROLE, onLoss } })
  const close = () => db.destroy().finally(() => lock.release())
  try {
    await migrate(db, { withShim: true })
    await sql.raw(`set session authorization ${LOGIN_ROLE}; ${SESSION}`).execute(db)
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  return { db, close }
}

async function openLocalPostgres(url: string, poolSize: number): Promise<OpenDatabase> {
  const owner = openPostgres(url, { max: 1 })
  try {
    await migrate(owner, { withShim: true })
  } finally {
    await owner.destroy()
  }
  const db = openPostgres(url, {
    max: poolSize,
    onConnect: `set session authorization ${LOGIN_ROLE}; ${SESSION}; ${LIMITS}`,
  })
  return { db, close: () => db.destroy() }
}

async function openProduction(url: string, poolSize: number): Promise<OpenDatabase> {
  const db = openPostgres(url, { max: poolSize, isPreparing: !isTransactionPooler(url) })
  try {
    await assertFitForProduction(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return { db, close: () => db.destroy() }
}

/** Poolers that lend a connection for one transaction forget prepared statements: Supabase's listens on 6543, others are marked in the URL. */
function isTransactionPooler(url: string): boolean {
  const { port, searchParams } = new URL(url)
  return port === '6543' || searchParams.get('pgbouncer') === 'true'
}

/** Throws `invalid-config` when the login role could pass row level security, a migration is missing, or the clock can be set. */
export async function assertFitForProduction(db: Database): Promise<void> {
  const { rows } = await sql<{ name: string; isMighty: boolean; isClockSettable: boolean }>`
    select session_user as name,
      (select rolsuper or rolbypassrls or rolinherit from pg_roles where rolname = session_user) as "isMighty",
      exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'app' and p.proname = 'now' and p.prosrc like '%mixmint.now%') as "isClockSettable"
  `.execute(db)
  const [session] = rows
  if (session === undefined) throw new Error('The database did not answer')
  if (session.isMighty)
    throw new AppError(
      'invalid-config',
      `DATABASE_URL signs in as ${session.name}, which has rights of its own; use the role ${LOGIN_ROLE}.`,
    )
  if (session.isClockSettable)
    throw new AppError('invalid-config', 'The database was made for local mode: its clock can be set. Use another one.')
  const applied = await sql<{ version: string }>`select version from supabase_migrations.schema_migrations`
    .execute(db)
    .then((result) => new Set(result.rows.map((row) => row.version)))
    .catch(() => new Set<string>())
  const missing = (await readMigrations()).filter(({ version }) => !applied.has(version))
  if (missing.length > 0)
    throw new AppError(
      'invalid-config',
      `The database lacks ${missing.length} of the migrations, from ${missing[0]?.version}_${missing[0]?.name} on. Run: supabase db push --workdir server.`,
    )
}
