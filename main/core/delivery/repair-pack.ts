import type { DatabaseSync } from 'node:sqlite'
import type { DownloadGrant, PackEntry } from '../../../contract/delivery.ts'
import type { Disk } from '../library/disk.ts'
import { type HealthySource, takeHealthy } from './begin-ledger.ts'
import { findBrokenEntries, findDamagedFile } from './publish-download.ts'

/**
 * The tracks of a pack that have to come again, where no more than that is to be fetched; null where the whole zip is. Only a repair of what
 * was delivered is partial: anything else ends with the word that every byte is here.
 */
export async function entriesToRepair(
  disk: Disk,
  db: DatabaseSync,
  { attempt, contents }: DownloadGrant,
): Promise<readonly PackEntry[] | null> {
  return attempt.isRepair && contents !== null ? await findBrokenEntries(disk, db, contents) : null
}

/**
 * Leaves out every segment of the zip that holds no byte of `entries`, and takes of their damaged files the segments that are still right. A
 * segment that reaches into a neighbour can not be proved from one file, so it comes again.
 */
export async function narrowToEntries(
  disk: Disk,
  db: DatabaseSync,
  entries: readonly PackEntry[],
  source: Omit<HealthySource, 'from' | 'to'>,
): Promise<void> {
  const { ledger, object } = source
  const wanted = new Set<number>()
  for (const { offset, sizeBytes } of entries) {
    const last = Math.floor((offset + sizeBytes - 1) / object.segmentSize)
    for (let segment = Math.floor(offset / object.segmentSize); segment <= last; segment++) wanted.add(segment)
  }
  for (let segment = 0; segment < ledger.count; segment++)
    if (!wanted.has(segment) && !ledger.isVerified(segment)) ledger.leaveOut(segment)
  for (const { trackId, offset, sizeBytes } of entries) {
    const damaged = findDamagedFile(db, trackId)
    if (damaged !== null) await takeHealthy(disk, damaged.path, { ...source, from: offset, to: offset + sizeBytes })
  }
}
