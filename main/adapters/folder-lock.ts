import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../contract/errors.ts'

/**
 * Takes the data folder for this process; the answer gives it back. The lock is SQLite's on a file of its own, which the operating system
 * releases when the process dies in whatever way. Throws `data-in-use`.
 */
export function lockDataFolder(dataFolder: string): () => void {
  const folder = path.join(dataFolder, 'run')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(path.join(folder, 'core.lock'), { timeout: 0 })
  try {
    db.exec('begin exclusive')
  } catch (error) {
    db.close()
    throw new AppError('data-in-use', undefined, undefined, { cause: error })
  }
  return () => db.close()
}
