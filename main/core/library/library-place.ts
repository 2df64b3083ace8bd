import path from 'node:path'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, onDisk, systemCode } from './disk.ts'

/** Where an account's files wait inside the library, when they can not wait beside its data: hidden, and apart from those of other accounts. */
export function sharedStaging(library: string, accountFolder: string): string {
  return path.join(library, '.mixmint-staging', path.basename(accountFolder))
}

/** Where an account's files wait when its data lie on the library's volume. */
export function ownStaging(accountFolder: string): string {
  return path.join(accountFolder, 'staging')
}

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
    const own = ownStaging(accountFolder)
    await disk.mkdir(own, { recursive: true, mode: 0o700 })
    const [ownPlace, place] = await Promise.all([disk.stat(own), disk.stat(library)])
    if (ownPlace.dev === place.dev) return own
    const beside = sharedStaging(library, accountFolder)
    // One after the other: the library folder itself is never made where a drive was pulled out a moment ago.
    for (const folder of [path.dirname(beside), beside]) await makeFolderIn(disk, folder)
    return beside
  })
}

/** Makes a folder in one that is there; one that is there already is fine. */
async function makeFolderIn(disk: Disk, folder: string): Promise<void> {
  try {
    await disk.mkdir(folder)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
}

/**
 * Whether files could be put into the library now: its folder is there, or is the default one and will be made, and it and the place where
 * files are put together take a file. Writes one and removes it. Never throws.
 */
export async function canTakeFiles(
  disk: Disk,
  folder: string,
  defaultFolder: string,
  accountFolder: string,
): Promise<boolean> {
  try {
    const library = await readyLibrary(disk, folder, defaultFolder)
    for (const place of [library, await readyStaging(disk, accountFolder, library)]) {
      const trial = path.join(place, '.mixmint-trial')
      await (await disk.open(trial, 'w')).close()
      await disk.unlink(trial)
    }
    return true
  } catch {
    return false
  }
}
