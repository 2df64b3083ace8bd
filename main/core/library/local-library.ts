import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../contract/errors.ts'
import { withoutSync } from '../local-db/unsynced-writes.ts'
import { sha256Of, withReader } from './byte-reader.ts'
import { type Disk, onDisk, removeFile, syncFolder } from './disk.ts'
import { nameKey, withoutNumber } from './file-names.ts'
import { logArrival } from './library-log.ts'
import { formatOfName } from './local-format.ts'
import { glance, placeOf } from './local-state.ts'
import { publishFile } from './publish-file.ts'
import { readTags } from './read-tags.ts'
import { removeReplaced } from './remove-replaced.ts'
import {
  findLocalFile,
  inTransaction,
  type LocalFile,
  listPublications,
  type Publication,
  removePublication,
  saveLocalFile,
  savePublication,
  saveReplaced,
  saveSwitched,
} from './rows.ts'

/** A complete file on its way into the library. */
export interface Arrival {
  readonly staged: string
  readonly folder: string
  readonly name: string
  /** Null for a file that is no track, such as a zip that is kept. */
  readonly trackId: string | null
  readonly sha256: string
  readonly audioSha256: string | null
}

/**
 * Gives a staged file its place in the library and remembers it; answers its name. A damaged file of the same track and format is replaced by
 * it in one step, unless it was changed since it was found damaged; one of another format stays beside it until `removeReplaced`. A crash at
 * any point leaves either the staged file or the published one, told apart by `recoverPublications`. Throws what the disk does.
 */
export async function publishArrival(db: DatabaseSync, disk: Disk, arrival: Arrival, now: number): Promise<string> {
  const { staged, folder, name } = arrival
  const damaged = await findDamaged(db, disk, arrival)
  if (damaged !== null) {
    const repaired = { ...arrival, folder: damaged.folder, fileName: damaged.fileName }
    const { dev, ino, mtimeMs } = await onDisk(() => disk.lstat(placeOf(damaged)))
    inTransaction(db, () => {
      savePublication(db, repaired)
      saveSwitched(db, damaged.trackId, { identity: `${dev}/${ino}`, changedMs: mtimeMs })
    })
    await onDisk(() => disk.rename(staged, placeOf(damaged)))
    await onDisk(() => syncFolder(disk, damaged.folder))
    await settle(db, disk, repaired, now)
    return damaged.fileName
  }
  const announce = (fileName: string) => savePublication(db, { ...arrival, fileName })
  const formerName = nameBefore(db, arrival)
  const fileName = await publishFile(disk, { staged, folder, name, formerName, announce })
  await settle(db, disk, { ...arrival, fileName }, now)
  return fileName
}

/** The name that the track had when another took the template's: it keeps it when it comes again. */
function nameBefore(db: DatabaseSync, { trackId, folder, name }: Arrival): string | undefined {
  const file = trackId === null ? null : findLocalFile(db, trackId)
  if (file === null || path.resolve(file.folder) !== path.resolve(folder)) return undefined
  return nameKey(withoutNumber(file.fileName)) === nameKey(name) ? file.fileName : undefined
}

/** The track's damaged file in the same folder, as it was when its damage was found. */
async function findDamaged(db: DatabaseSync, disk: Disk, arrival: Arrival): Promise<LocalFile | null> {
  const { trackId, folder, name } = arrival
  const file = trackId === null ? null : findLocalFile(db, trackId)
  if (file?.state !== 'damaged' || path.resolve(file.folder) !== path.resolve(folder)) return null
  // Under the old name the new bytes would have the wrong ending.
  if (formatOfName(file.fileName) !== formatOfName(name)) return null
  const seen = await glance(disk, file)
  return seen !== null && seen.changedMs === file.changedMs && seen.sizeBytes === file.sizeBytes ? file : null
}

/**
 * Finishes what a crash interrupted: a file that has its final name and its hash becomes known, and one in another format that it replaces
 * goes; any other is published again by its download.
 * What the disk does is thrown: a file that can not be read now may be here already, and would come twice.
 */
export async function recoverPublications(
  db: DatabaseSync,
  disk: Disk,
  now: number,
  staged: string | null,
): Promise<void> {
  if (staged === null) return
  // Those of other downloads may be at work on theirs. By its name: the folder in which it was staged may be gone.
  const ours = path.basename(staged).replace(/part$/, '')
  const isOurs = (publication: Publication) => path.basename(publication.staged).startsWith(ours)
  for (const publication of listPublications(db).filter(isOurs)) {
    if (await onDisk(() => hasArrived(disk, publication))) {
      // What was interrupted may have been the very sync that makes the name last.
      await onDisk(() => syncFolder(disk, publication.folder))
      await onDisk(() => removeFile(disk, publication.staged))
      await settle(db, disk, publication, now)
    } else {
      await removeReservation(disk, publication)
      removePublication(db, publication.staged)
    }
  }
  await removeReplaced(db, disk)
}

/** Where files can not be linked, a crash may leave the empty file that kept the name: it was announced before it was made. */
async function removeReservation(disk: Disk, { folder, fileName }: Publication): Promise<void> {
  const place = path.join(folder, fileName)
  const seen = await disk.lstat(place).catch(() => null)
  if (!seen?.isFile() || seen.size > 0) return
  await onDisk(() => removeFile(disk, place))
  // It is forgotten next, and a name that came back after a power cut would be taken for somebody's file.
  await onDisk(() => syncFolder(disk, folder))
}

async function hasArrived(disk: Disk, { folder, fileName, sha256 }: Publication): Promise<boolean> {
  try {
    return (await withReader(disk, path.join(folder, fileName), sha256Of)) === sha256
  } catch (error) {
    if (error instanceof AppError && error.code === 'folder-missing') return false
    throw error
  }
}

async function settle(db: DatabaseSync, disk: Disk, publication: Publication, now: number): Promise<void> {
  const { trackId, staged } = publication
  const file = trackId === null ? null : await describe(disk, publication, trackId, now)
  if (file !== null) await logArrival(disk, file)
  const before = trackId === null ? null : findLocalFile(db, trackId)
  const isReplaced = before !== null && placeOf(before) !== path.join(publication.folder, publication.fileName)
  const isSwitched = isReplaced && (await glance(disk, before)) !== null
  // The announcement is on disk: were this lost in a power cut, the next start would find the file by it again.
  withoutSync(db, () =>
    inTransaction(db, () => {
      if (file !== null) saveLocalFile(db, file)
      if (isSwitched) saveReplaced(db, before.trackId, before)
      removePublication(db, staged)
    }),
  )
}

async function describe(disk: Disk, publication: Publication, trackId: string, now: number): Promise<LocalFile> {
  const { folder, fileName, sha256, audioSha256 } = publication
  const place = path.join(folder, fileName)
  const { size, mtimeMs } = await onDisk(() => disk.stat(place))
  const facts = {
    sizeBytes: size,
    changedMs: mtimeMs,
    tags: await readTags(disk, place),
    state: 'here' as const,
    addedAt: now,
  }
  return { trackId, folder, fileName, sha256, audioSha256, ...facts }
}
