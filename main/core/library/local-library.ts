import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../contract/errors.ts'
import { sha256Of, withReader } from './byte-reader.ts'
import { type Disk, lookAt, onDisk, removeFile, syncFolder } from './disk.ts'
import { nameKey, withoutNumber } from './file-names.ts'
import { formatOfName } from './local-format.ts'
import { placeOf } from './local-state.ts'
import { type NamedFile, publishFiles, type StagedFile } from './publish-file.ts'
import { removeReplaced } from './remove-replaced.ts'
import {
  type DamagedTwin,
  findLocalFile,
  inTransaction,
  type LocalFile,
  listPublications,
  type Publication,
  removePublication,
  savePublication,
  saveSwitched,
} from './rows.ts'
import { settlePublications } from './settle-publications.ts'

/** A complete file on its way into the library. */
export interface Arrival {
  readonly staged: string
  readonly name: string
  /** Null for a file that is no track, such as a zip that is kept. */
  readonly trackId: string | null
  readonly sha256: string
  readonly audioSha256: string | null
}

/**
 * Gives staged files their places in the library `folder` and remembers them: announced together, named one after the other, synced and
 * remembered together. A damaged file of the same track and format is replaced in one step, unless it was changed since it was found damaged;
 * one of another format stays beside its successor until `removeReplaced`. A crash at any point leaves of each either the staged file or the
 * published one, told apart by `recoverPublications`. When one fails, those before it are in the library. Throws what the disk does.
 */
export async function publishArrivals(
  db: DatabaseSync,
  disk: Disk,
  folder: string,
  arrivals: readonly Arrival[],
  now: number,
): Promise<void> {
  const coming: Coming[] = []
  for (const arrival of arrivals) coming.push(await prepare(db, disk, folder, arrival))
  const published: Publication[] = []
  try {
    await publishFiles(disk, folder, coming, {
      announce: (named) => announce(db, folder, named),
      published: (one) => void published.push(toPublication(folder, one)),
    })
  } finally {
    if (published.length > 0) await settlePublications(db, disk, published, now)
  }
}

/** An arrival, and the damaged file that it replaces. */
interface Coming extends StagedFile, Arrival {
  readonly damaged: (DamagedTwin & { readonly folder: string }) | null
}

async function prepare(db: DatabaseSync, disk: Disk, folder: string, arrival: Arrival): Promise<Coming> {
  const file = await findDamaged(db, disk, folder, arrival)
  if (file === null) return { ...arrival, formerName: nameBefore(db, folder, arrival), damaged: null }
  const { dev, ino, mtimeMs } = await onDisk(() => disk.lstat(placeOf(file)))
  const damaged = { folder: file.folder, identity: `${dev}/${ino}`, changedMs: mtimeMs }
  return { ...arrival, over: file.fileName, damaged }
}

function announce(db: DatabaseSync, folder: string, named: readonly NamedFile<Coming>[]): void {
  inTransaction(db, () => {
    for (const one of named) {
      const { trackId, damaged } = one.file
      savePublication(db, toPublication(folder, one))
      if (trackId !== null && damaged !== null) saveSwitched(db, trackId, damaged)
    }
  })
}

function toPublication(folder: string, { file, fileName }: NamedFile<Coming>): Publication {
  const { staged, trackId, sha256, audioSha256, damaged } = file
  // The same folder may be written in two ways.
  return { staged, folder: damaged?.folder ?? folder, fileName, trackId, sha256, audioSha256 }
}

/** The name that the track had when another took the template's: it keeps it when it comes again. */
function nameBefore(db: DatabaseSync, folder: string, { trackId, name }: Arrival): string | undefined {
  const file = trackId === null ? null : findLocalFile(db, trackId)
  if (file === null || path.resolve(file.folder) !== path.resolve(folder)) return undefined
  return nameKey(withoutNumber(file.fileName)) === nameKey(name) ? file.fileName : undefined
}

/** The track's damaged file in the same folder, as it was when its damage was found. */
async function findDamaged(
  db: DatabaseSync,
  disk: Disk,
  folder: string,
  { trackId, name }: Arrival,
): Promise<LocalFile | null> {
  const file = trackId === null ? null : findLocalFile(db, trackId)
  if (file?.state !== 'damaged' || path.resolve(file.folder) !== path.resolve(folder)) return null
  // Under the old name the new bytes would have the wrong ending.
  if (formatOfName(file.fileName) !== formatOfName(name)) return null
  const seen = await onDisk(() => lookAt(disk, placeOf(file)))
  const isAsFound = seen?.isFile() === true && seen.mtimeMs === file.changedMs && seen.size === file.sizeBytes
  return isAsFound ? file : null
}

/**
 * Finishes what a crash interrupted: a file that has its final name and its hash becomes known, and one in another format that it replaces
 * goes; any other is published again by its download. What the disk does is thrown, and what `assertThere` throws when the library's drive is
 * away: a file that can not be seen now may be here already, and would come twice.
 */
export async function recoverPublications(
  db: DatabaseSync,
  disk: Disk,
  now: number,
  staged: string | null,
  assertThere: () => Promise<void>,
): Promise<void> {
  if (staged === null) return
  // Those of other downloads may be at work on theirs. By its name: the folder in which it was staged may be gone.
  const ours = path.basename(staged).replace(/part$/, '')
  const isOurs = (publication: Publication) => path.basename(publication.staged).startsWith(ours)
  const look = () => sortPublications(disk, listPublications(db).filter(isOurs))
  let { arrived, lost } = await look()
  if (lost.length > 0) {
    // Where a drive was pulled out a moment ago nothing is, and it may be elsewhere now.
    await assertThere()
    ;({ arrived, lost } = await look())
  }
  await keepNames(disk, arrived)
  if (arrived.length > 0) await settlePublications(db, disk, arrived, now)
  for (const publication of lost) await removeReservation(disk, publication)
  forget(db, lost)
  await removeReplaced(db, disk)
}

async function sortPublications(disk: Disk, publications: readonly Publication[]) {
  const arrived: Publication[] = []
  const lost: Publication[] = []
  for (const publication of publications) {
    const isHere = await onDisk(() => hasArrived(disk, publication))
    const found = isHere ? arrived : lost
    found.push(publication)
  }
  return { arrived, lost }
}

function forget(db: DatabaseSync, publications: readonly Publication[]): void {
  if (publications.length === 0) return
  inTransaction(db, () => {
    for (const { staged } of publications) removePublication(db, staged)
  })
}

/** What was interrupted may have been the very sync that makes names last, or the removal of the staged ones. */
async function keepNames(disk: Disk, arrived: readonly Publication[]): Promise<void> {
  await onDisk(async () => {
    for (const folder of new Set(arrived.map((publication) => publication.folder))) await syncFolder(disk, folder)
    for (const { staged } of arrived) await removeFile(disk, staged)
  })
}

/** Where files can not be linked, a crash may leave the empty file that kept the name: it was announced before it was made. */
async function removeReservation(disk: Disk, { folder, fileName }: Publication): Promise<void> {
  const place = path.join(folder, fileName)
  const seen = await onDisk(() => lookAt(disk, place))
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
