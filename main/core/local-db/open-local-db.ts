import { existsSync, mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../contract/errors.ts'
import { StatementCachingDatabase } from './cached-statements.ts'
import type { LocalMigration } from './local-migration.ts'
import { migrateLocalDb } from './migrate-local-db.ts'

export interface OpenedDb {
  readonly db: DatabaseSync
  /** The database that was here could not be read and lies beside it under this name; null when all was well. */
  readonly movedAside: string | null
}

/**
 * Opens the SQLite file (WAL, every commit on disk), checks it and brings its schema up to date. A corrupt file is moved aside, never
 * deleted, and a new one made. Throws `newer-data` for a file of a later version, which stays untouched, and `disk-error`.
 */
export function openLocalDb(file: string, migrations: readonly LocalMigration[], now: number): OpenedDb {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  try {
    return { db: openChecked(file, migrations, now), movedAside: null }
  } catch (error) {
    if (error instanceof AppError) throw error
    if (!isCorruption(error)) throw new AppError('disk-error', undefined, undefined, { cause: error })
  }
  const movedAside = moveAside(file, now)
  return { db: openChecked(file, migrations, now), movedAside }
}

function openChecked(file: string, migrations: readonly LocalMigration[], now: number): DatabaseSync {
  const db = new StatementCachingDatabase(file, { enableForeignKeyConstraints: true, timeout: 5_000 })
  try {
    const check = db.prepare('pragma quick_check(1)').get()
    if (check?.['quick_check'] !== 'ok')
      throw Object.assign(new Error('quick_check failed'), { errcode: SQLITE_CORRUPT })
    db.exec('pragma journal_mode = wal; pragma synchronous = full')
    migrateLocalDb(db, migrations, now)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

function isCorruption(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  const code = error.errcode & 0xff
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
}

/** The write-ahead log goes with its database: replayed into a new file it would damage that one too. */
function moveAside(file: string, now: number): string {
  const aside = `${file}.corrupt-${new Date(now).toISOString().replaceAll(':', '-')}`
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${aside}${suffix}`)
  return aside
}
