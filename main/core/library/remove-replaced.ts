import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Notices } from '../needs.ts'
import { sha256Of, withReader } from './byte-reader.ts'
import { type Disk, removeFile, syncFolder, systemCode } from './disk.ts'
import { placeOf } from './local-state.ts'
import { forgetReplaced, listLocalFilesNamed, listReplaced, type ReplacedFile } from './rows.ts'

/**
 * Removes the files whose tracks have come in another format, each only while it is byte for byte what was delivered; answers the names of
 * those that stay because somebody changed them. One that can not be read or removed now, as when it is being played or its drive is away, is
 * left to the next call: when the account opens, a file arrives or the library is looked at.
 */
export async function removeReplaced(db: DatabaseSync, disk: Disk): Promise<string[]> {
  const kept: string[] = []
  for (const replaced of listReplaced(db)) {
    const outcome = await removeUnchanged(disk, replaced, () => isKnown(db, replaced))
    if (outcome === 'kept') kept.push(replaced.fileName)
    if (!db.isOpen) return kept
    if (outcome !== 'busy') forgetReplaced(db, replaced)
  }
  return kept
}

/** Tells the user of files that stay beside their successors. */
export function noticeOfKept(notices: Notices, kept: readonly string[]): void {
  const [first, ...others] = kept
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  notices.add(
    'old-format-kept',
    `Another format has arrived. “${first}”${more} was changed since it was downloaded, so it stays beside the new file.`,
  )
}

/** A file that is a track's again, because the user went back to the format before; true also when nobody can tell any more. */
function isKnown(db: DatabaseSync, { folder, fileName }: ReplacedFile): boolean {
  return !db.isOpen || listLocalFilesNamed(db, fileName).some((file) => placeOf(file) === path.join(folder, fileName))
}

/** A file whose folder is not there either may come back with it. */
async function whyUnseen(disk: Disk, folder: string, code: string | null): Promise<'gone' | 'busy'> {
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return 'busy'
  return await madeToLast(disk, folder)
}

/** A name that was removed may be back after a power cut, unless its folder was synced; until then the file is not forgotten. */
async function madeToLast(disk: Disk, folder: string): Promise<'gone' | 'busy'> {
  return await syncFolder(disk, folder).then(
    () => 'gone',
    () => 'busy',
  )
}

async function removeUnchanged(
  disk: Disk,
  { folder, fileName, sha256 }: ReplacedFile,
  isWanted: () => boolean,
): Promise<'gone' | 'kept' | 'busy'> {
  if (isWanted()) return 'gone'
  const place = path.join(folder, fileName)
  const before = await disk.lstat(place).catch(systemCode)
  if (typeof before !== 'object' || before === null) return await whyUnseen(disk, folder, before)
  const found = before.isFile() ? await withReader(disk, place, sha256Of).catch(() => null) : ''
  if (found === null) return 'busy'
  const after = await disk.lstat(place).catch(() => null)
  if (after === null) return 'busy'
  if (found !== sha256 || after.mtimeMs !== before.mtimeMs || after.ino !== before.ino) return 'kept'
  // It may have become a track's again while it was read.
  if (isWanted()) return 'gone'
  return await removeFile(disk, place).then(
    () => madeToLast(disk, folder),
    () => 'busy',
  )
}
