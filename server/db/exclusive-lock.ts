import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface ExclusiveLock {
  release(): void
}

/**
 * Locks `file` for this process, or returns null when another holds it. The operating system releases the lock with the
 * process, however that ends: an exclusive SQLite transaction is a lock that works alike on every system.
 */
export function openExclusiveLock(file: string): ExclusiveLock | null {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(file)
  try {
    lock.exec('pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    lock.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw error
  }
  return { release: () => lock.close() }
}

const SQLITE_BUSY = 5
