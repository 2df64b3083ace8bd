import type { DatabaseSync } from 'node:sqlite'
import type { Disk } from '../library/disk.ts'
import { recoverPublications } from '../library/local-library.ts'
import type { LibraryVolume } from '../library/volume.ts'
import type { Clock, Log } from '../ports.ts'
import { NOTHING_HERE } from './enqueue.ts'
import { findDownload, removeSegments, saveDownload, saveReport } from './rows.ts'
import { partPath, removeForGood } from './sidecar.ts'

interface DiscardNeeds {
  readonly db: DatabaseSync
  readonly disk: Disk
  readonly clock: Clock
  readonly volume: Pick<LibraryVolume, 'assertThere'>
  readonly log: Log
}

/**
 * Removes what is here of a download that was given up or whose access was withdrawn, and notes the end of its attempt for the server; the
 * attempt of what was withdrawn has ended there already. What a crash left named in the library is remembered first. Files that can not be removed now keep their folder in the row. A download that is wanted again meanwhile is left alone.
 */
export async function discardDownload({ db, disk, clock, volume, log }: DiscardNeeds, id: string): Promise<void> {
  const row = findDownload(db, id)
  if (row === null || (row.status !== 'cancelled' && row.status !== 'ended')) return
  let { staging } = row
  try {
    if (staging !== null) {
      // On a drive that is away the file may be all the same.
      await volume.assertThere()
      await recoverPublications(db, disk, clock.now(), partPath(staging, id), volume.assertThere)
      await removeForGood(disk, staging, id)
    }
    staging = null
  } catch (error) {
    log.warn({ error }, 'the partial file of a download that was given up could not be removed')
  }
  if (row.attemptId !== null && row.status === 'cancelled')
    saveReport(db, { attemptId: row.attemptId, kind: 'cancel', segmentRoot: null })
  removeSegments(db, id)
  const latest = findDownload(db, id)
  if (latest?.status === row.status) saveDownload(db, { ...latest, ...NOTHING_HERE, staging })
}
