import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { withoutSync } from '../local-db/unsynced-writes.ts'
import { type Disk, onDisk } from './disk.ts'
import { logArrivals } from './library-log.ts'
import { placeOf } from './local-state.ts'
import { readTags } from './read-tags.ts'
import {
  findLocalFile,
  inTransaction,
  type LocalFile,
  type Publication,
  removePublication,
  saveLocalFile,
  saveReplaced,
} from './rows.ts'

/** Remembers files that have their names, whose names last, instead of their announcements. Throws what the disk does. */
export async function settlePublications(
  db: DatabaseSync,
  disk: Disk,
  publications: readonly Publication[],
  now: number,
): Promise<void> {
  const files: LocalFile[] = []
  for (const publication of publications) {
    if (publication.trackId === null) continue
    files.push(await describe(disk, publication, publication.trackId, now))
  }
  for (const [folder, arrived] of Map.groupBy(files, (file) => file.folder)) await logArrivals(disk, folder, arrived)
  // The announcements are on disk: were this lost in a power cut, the next start would find the files by them again.
  withoutSync(db, () =>
    inTransaction(db, () => {
      for (const file of files) {
        // Looked up now: the same track may have come twice at once, by itself and in a pack.
        const before = findLocalFile(db, file.trackId)
        // Also one that can not be seen: its drive may be away.
        if (before !== null && placeOf(before) !== placeOf(file)) saveReplaced(db, before.trackId, before)
        saveLocalFile(db, file)
      }
      for (const { staged } of publications) removePublication(db, staged)
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
