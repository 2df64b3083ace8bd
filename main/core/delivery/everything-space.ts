import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type Disk, freeBytes } from '../library/disk.ts'
import { lookAtFiles, verifyFiles } from '../library/examine-files.ts'
import { listLocalFiles, listOwnedRows } from '../library/rows.ts'
import { wantedAgain } from '../library/wanted-again.ts'
import { type EverythingPlan, type PlannedDownload, planEverything } from './everything-plan.ts'
import { bytesOfQueue } from './everything-rows.ts'

/** Left free beside what is to come. */
const SPARE_BYTES = 16 * 1024 * 1024

/** What is to be fetched, by the list of what is owned and by what the folders show; files that changed since they were read last are read again. */
export async function readPlan(disk: Disk, db: DatabaseSync, libraryFolder: string): Promise<EverythingPlan> {
  const seen = await lookAtFiles(disk, listLocalFiles(db))
  const changed = [...seen.values()].filter(({ isChanged }) => isChanged).map(({ file }) => file)
  await verifyFiles(disk, db, changed, libraryFolder)
  const owned = listOwnedRows(db)
  const files = listLocalFiles(db)
  const healthy = new Set(
    files
      .filter(({ trackId, state }) => state !== 'damaged' && seen.get(trackId)?.isThere)
      .map(({ trackId }) => trackId),
  )
  const isHere = (trackId: string) => healthy.has(trackId)
  const again = await wantedAgain(
    disk,
    owned,
    files.filter(({ trackId }) => !isHere(trackId)),
  )
  const formats = new Map(again.map(({ content, format }) => [content.contentId, format]))
  return planEverything(owned, isHere, (trackId) => formats.get(trackId) ?? null)
}

/**
 * Bytes to come for these downloads, bytes free where the library is (null: the system does not say), and how many are missing for them
 * together with all else that is queued. A pack needs its own size once more while its tracks are taken out of it.
 */
export async function spaceFor(
  disk: Disk,
  db: DatabaseSync,
  place: { readonly libraryFolder: string; readonly isDefault: boolean },
  downloads: readonly PlannedDownload[],
): Promise<{ bytes: number; freeBytes: number | null; missingBytes: number }> {
  const keys = new Set(downloads.map(({ content }) => `${content.contentType}/${content.contentId}`))
  const { received, remainingOfOthers } = bytesOfQueue(db, keys)
  const bytes = Math.max(0, downloads.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - received)
  const packs = downloads.filter(({ content }) => content.contentType === 'album').map(({ sizeBytes }) => sizeBytes)
  const needed = bytes + remainingOfOthers + Math.max(0, ...packs) + SPARE_BYTES
  const free = await (place.isDefault ? freeNear : freeBytes)(disk, place.libraryFolder)
  const missingBytes = downloads.length === 0 || free === null ? 0 : Math.max(0, needed - free)
  return { bytes, freeBytes: free, missingBytes }
}

/** Free bytes where a folder is, or will be made: the default one is, a chosen one may lie on a drive that is away. */
async function freeNear(disk: Disk, folder: string): Promise<number | null> {
  const free = await freeBytes(disk, folder)
  const parent = path.dirname(folder)
  return free !== null || parent === folder ? free : await freeNear(disk, parent)
}
