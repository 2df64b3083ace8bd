import type { DatabaseSync } from 'node:sqlite'

/**
 * Makes writes that do not wait for the disk: a process that is killed keeps them, a power cut may lose the last of them, and never one without
 * those that came after it. The next commit outside takes them along. For what is found out again by looking at the disk or asking the server.
 */
export function withoutSync<T>(db: DatabaseSync, writes: () => T): T {
  // Inside a transaction the one who began it says when it is on disk.
  if (db.isTransaction) return writes()
  db.exec('pragma synchronous = normal')
  try {
    return writes()
  } finally {
    db.exec('pragma synchronous = full')
  }
}
