import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from './rows.ts'

/** Places that hold the absolute path of a folder, or of a file in it. */
const PATHS = [
  ['local_files', 'folder'],
  ['replaced_files', 'folder'],
  ['publications', 'folder'],
  ['publications', 'staged'],
  ['downloads', 'staging'],
] as const

/** Makes everything that is remembered by a path under `from` follow it to `to`: the same volume is mounted there now. */
export function movePaths(db: DatabaseSync, from: string, to: string): void {
  inTransaction(db, () => {
    for (const [table, column] of PATHS) {
      db.prepare(
        `update ${table} set ${column} = ? || substr(${column}, ?)
         where ${column} = ? or substr(${column}, 1, ?) in (? || '/', ? || '\\')`,
      ).run(to, from.length + 1, from, from.length + 1, from, from)
    }
  })
}
