import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../contract/errors.ts'
import type { LocalMigration } from './local-migration.ts'

/** Applies the migrations that are not applied yet, each in a transaction. Throws `newer-data` when the file knows one that this version does not. */
export function migrateLocalDb(db: DatabaseSync, migrations: readonly LocalMigration[], now: number): void {
  const applied = appliedNames(db)
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = [...applied].filter((name) => !known.has(name))
  if (unknown.length > 0) throw new AppError('newer-data', undefined, { unknown })
  db.exec('create table if not exists local_migrations (name text primary key, applied_at integer not null) strict')
  for (const { name, sql } of migrations) {
    if (applied.has(name)) continue
    db.exec('begin immediate')
    try {
      db.exec(sql)
      db.prepare('insert into local_migrations (name, applied_at) values (?, ?)').run(name, now)
      db.exec('commit')
    } catch (error) {
      db.exec('rollback')
      throw error
    }
  }
}

function appliedNames(db: DatabaseSync): Set<string> {
  const table = db.prepare("select 1 from sqlite_schema where name = 'local_migrations'").get()
  if (table === undefined) return new Set()
  return new Set(
    db
      .prepare('select name from local_migrations')
      .all()
      .map(({ name }) => String(name)),
  )
}
