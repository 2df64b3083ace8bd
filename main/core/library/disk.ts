import type { Stats } from 'node:fs'
import fs from 'node:fs/promises'
import { AppError, type ErrorCode } from '../../../contract/errors.ts'

/** The file system as the core uses it, so that a test can make one operation fail. */
export type Disk = Pick<
  typeof fs,
  'open' | 'link' | 'unlink' | 'rename' | 'lstat' | 'stat' | 'statfs' | 'mkdir' | 'readdir' | 'readFile' | 'rmdir'
>

export const realDisk: Disk = fs

/** The code that the system gave its error, such as `ENOENT`; null for anything else. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

const MEANING: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EFBIG: 'disk-full',
  EACCES: 'folder-not-writable',
  EPERM: 'folder-not-writable',
  EROFS: 'folder-not-writable',
  ENOENT: 'folder-missing',
  ENOTDIR: 'folder-missing',
}

/** What SQLite's primary result codes say of the disk (https://www.sqlite.org/rescode.html). */
const SQLITE_MEANING: Readonly<Record<number, ErrorCode>> = {
  8: 'folder-not-writable',
  10: 'disk-error',
  13: 'disk-full',
}

/** The error of a database that could not be written as what it means for the user; null for any other. */
export function toDatabaseDiskError(error: unknown): AppError | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  const code = SQLITE_MEANING[error.errcode & 0xff]
  return code === undefined ? null : new AppError(code, undefined, { cause: 'database' }, { cause: error })
}

/** What a failed operation of the file system means for the user; paths stay out of it. An `AppError` is answered as it is. */
export function toDiskError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const cause = systemCode(error)
  return new AppError(MEANING[cause ?? ''] ?? 'disk-error', undefined, cause === null ? undefined : { cause }, {
    cause: error,
  })
}

/** Runs an operation of the file system; a failure of the system is thrown as what it means (`disk-full`, `folder-missing`, …), any other as it is. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw systemCode(error) === null ? error : toDiskError(error)
  }
}

/** Makes the names in a folder durable; where folders can not be synced (Windows) the system does it itself. Throws when it is not there. */
export async function syncFolder(disk: Disk, folder: string): Promise<void> {
  if (process.platform === 'win32') return void (await disk.stat(folder))
  const handle = await disk.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Bytes that this user may still write beside `folder`; null where the system does not say. */
export async function freeBytes(disk: Disk, folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await disk.statfs(folder)
    return bavail * bsize
  } catch {
    return null
  }
}

/** What is at a place, links not followed; null only where nothing is: what can not be seen now is thrown. */
export async function lookAt(disk: Disk, place: string): Promise<Stats | null> {
  try {
    return await disk.lstat(place)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return null
  }
}

/** Removes a file; one that is not there is fine. */
export async function removeFile(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}
