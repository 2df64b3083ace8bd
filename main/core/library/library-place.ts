import path from 'node:path'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, onDisk, systemCode } from './disk.ts'

/** The hidden folder of the library in which files wait that could not wait beside the account's data. */
export const STAGING = '.mixmint-staging'

/**
 * The library folder, ready to take files. The default one is made; a chosen one that is not there is not, because it may lie on a disk
 * that is not plugged in. Throws `folder-missing`, `folder-not-writable`.
 */
export async function readyLibrary(disk: Disk, folder: string, defaultFolder: string): Promise<string> {
  try {
    if (!(await disk.stat(folder)).isDirectory()) throw new AppError('folder-missing')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || path.resolve(folder) !== path.resolve(defaultFolder))
      throw await missing(error)
    await onDisk(() => disk.mkdir(folder, { recursive: true }))
  }
  return folder
}

async function missing(error: unknown): Promise<unknown> {
  return await onDisk(() => Promise.reject(error)).catch((reason: unknown) => reason)
}

/**
 * Where files for `library` are put together: the account's own staging folder when it is on the library's volume, else a hidden folder of
 * the library, so that the finished file only changes its name.
 */
export async function readyStaging(disk: Disk, accountFolder: string, library: string): Promise<string> {
  return await onDisk(async () => {
    const own = path.join(accountFolder, 'staging')
    await disk.mkdir(own, { recursive: true, mode: 0o700 })
    const [ownPlace, place] = await Promise.all([disk.stat(own), disk.stat(library)])
    if (ownPlace.dev === place.dev) return own
    const beside = path.join(library, STAGING)
    await disk.mkdir(beside, { recursive: true })
    return beside
  })
}
