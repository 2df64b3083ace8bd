import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { AppError } from '../../contract/errors.ts'

/** The programs that ours is measured against, by their absolute paths. */
export interface Tools {
  readonly curl: string
  readonly aria2c: string
  readonly sha256sum: string
  readonly sync: string
  /** Null where it is missing: then a small server of this project stands in. */
  readonly nginx: string | null
}

const NEEDED = ['curl', 'aria2c', 'sha256sum', 'sync'] as const
/** Where Debian puts servers, which is not on everybody's PATH. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

export const HOW_TO_INSTALL =
  'Get them with: apt-get install curl aria2 nginx-light (Debian, Ubuntu), brew install curl aria2 nginx coreutils (macOS).'

/** Finds the programs. Throws with the way to get them when one that has no stand-in is missing. */
export function findTools(): Tools {
  const missing = NEEDED.filter((name) => find(name) === null)
  if (missing.length > 0)
    throw new AppError('invalid-config', `Missing to measure against: ${missing.join(', ')}.\n${HOW_TO_INSTALL}`)
  const [curl, aria2c, sha256sum, sync] = NEEDED.map((name) => find(name) ?? name) as [string, string, string, string]
  return { curl, aria2c, sha256sum, sync, nginx: find('nginx') }
}

function find(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...MORE_FOLDERS]
  return folders.map((folder) => path.join(folder, name)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
