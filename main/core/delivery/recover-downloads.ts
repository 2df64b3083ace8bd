import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type Disk, removeFile } from '../library/disk.ts'
import { ownStaging, sharedStaging } from '../library/library-place.ts'
import type { Clock, Log } from '../ports.ts'
import { hasEnded, NEW_DOWNLOAD } from './download-machine.ts'
import { findDownload, findDownloadOf, lastPosition, saveDownload } from './rows.ts'
import { readSidecars, removeStaged, type Sidecar } from './sidecar.ts'

interface RecoverNeeds {
  readonly disk: Disk
  readonly db: DatabaseSync
  readonly clock: Clock
  readonly log: Log
  readonly accountFolder: string
  readonly libraryFolder: () => string
}

/**
 * Makes queue and staging folders agree when an account is opened: a part file whose row was lost with the database is queued again from its
 * sidecar, and one that belongs to nothing is removed. Never throws.
 */
export async function recoverDownloads(needs: RecoverNeeds): Promise<void> {
  const { disk, db, accountFolder, log } = needs
  try {
    for (const staging of [ownStaging(accountFolder), sharedStaging(needs.libraryFolder(), accountFolder)]) {
      for (const sidecar of await readSidecars(disk, staging)) await recover(needs, staging, sidecar)
      await removeOrphans(disk, db, staging)
    }
  } catch (error) {
    log.warn({ error }, 'the staging folder could not be put in order')
  }
}

async function recover({ disk, db, clock }: RecoverNeeds, staging: string, sidecar: Sidecar): Promise<void> {
  if (findDownload(db, sidecar.downloadId) !== null) return
  if (findDownloadOf(db, sidecar.content) !== null) return await removeStaged(disk, staging, sidecar.downloadId)
  saveDownload(db, {
    ...NEW_DOWNLOAD,
    id: sidecar.downloadId,
    content: sidecar.content,
    title: sidecar.title,
    artist: sidecar.artist,
    cover: null,
    position: lastPosition(db) + 1,
    addedAt: clock.now(),
    finishedAt: null,
    receivedBytes: 0,
    totalBytes: sidecar.sizeBytes,
    segments: '',
    attemptsLeft: null,
    attemptId: sidecar.attemptId,
    objectSha256: sidecar.objectSha256,
    contents: null,
    bytesPerSecondLimit: null,
    format: null,
    staging,
  })
}

async function removeOrphans(disk: Disk, db: DatabaseSync, staging: string): Promise<void> {
  for (const name of await disk.readdir(staging).catch(() => [])) {
    const id = name.split('.')[0] ?? ''
    const row = findDownload(db, id)
    if (row === null || hasEnded(row.status)) await removeFile(disk, path.join(staging, name))
  }
}
