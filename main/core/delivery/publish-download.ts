import type { DatabaseSync } from 'node:sqlite'
import type { DownloadGrant, PackEntry } from '../../../contract/delivery.ts'
import type { AudioFormat, ContentRef } from '../../../contract/values.ts'
import type { Disk } from '../library/disk.ts'
import { safeFileName } from '../library/file-names.ts'
import { type Arrival, publishArrivals } from '../library/local-library.ts'
import { placeOf } from '../library/local-state.ts'
import { noticeOfKept, removeReplaced } from '../library/remove-replaced.ts'
import { findLocalFile, listOwnedWith } from '../library/rows.ts'
import { ownedTracks, trackFileName } from '../library/track-names.ts'
import type { Notices } from '../needs.ts'
import type { Clock, SettingsStore } from '../ports.ts'
import { isHealthy } from './healthy-file.ts'
import { publishPack } from './publish-pack.ts'
import type { DownloadRow } from './rows.ts'

interface PublishNeeds {
  readonly disk: Disk
  readonly db: DatabaseSync
  readonly clock: Clock
  readonly settings: SettingsStore
  readonly notices: Notices
}

/** What a download is about. */
interface Wanted {
  readonly content: ContentRef
  readonly contents: DownloadRow['contents']
  /** The format that was asked for; null: any will do. */
  readonly format?: AudioFormat | null
}

interface Places {
  /** The verified, synced file. */
  readonly staged: string
  readonly staging: string
  readonly library: string
}

/** True when everything the download is about lies in the library as it should, in the format that was asked for: then nothing is to be fetched. */
export async function isInLibrary(
  { disk, db }: Pick<PublishNeeds, 'disk' | 'db'>,
  { content, contents, format = null }: Wanted,
): Promise<boolean> {
  if (content.contentType === 'album' && contents === null) return false
  const trackIds = contents?.map(({ trackId }) => trackId) ?? [content.contentId]
  for (const trackId of trackIds) if (!(await isHealthy(disk, db, trackId, format))) return false
  return true
}

/** Whether a file of a download is here and was found damaged. */
export function isDamagedHere(db: DatabaseSync, { content, contents }: Wanted): boolean {
  const trackIds = contents?.map(({ trackId }) => trackId) ?? [content.contentId]
  return trackIds.some((trackId) => findLocalFile(db, trackId)?.state === 'damaged')
}

/** The tracks of a pack whose files are not here, or damaged. */
export async function findBrokenEntries(
  disk: Disk,
  db: DatabaseSync,
  contents: readonly PackEntry[],
): Promise<PackEntry[]> {
  const broken: PackEntry[] = []
  for (const entry of contents) if (!(await isHealthy(disk, db, entry.trackId))) broken.push(entry)
  return broken
}

/** The damaged file of a track and the SHA-256 of the object it was: what of it is still right need not be fetched again. */
export function findDamagedFile(db: DatabaseSync, trackId: string): { path: string; sha256: string } | null {
  const file = findLocalFile(db, trackId)
  return file?.state === 'damaged' ? { path: placeOf(file), sha256: file.sha256 } : null
}

/**
 * Puts a verified download into the library: the file itself, or the tracks of a pack by the server's list. Of a zip that is not whole the
 * tracks that are needed are, and it is not kept. Throws what the disk does.
 */
export async function publishDownload(
  needs: PublishNeeds,
  row: DownloadRow,
  { object, contents }: DownloadGrant,
  places: Places,
  isWhole: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { disk, db, clock, settings } = needs
  const { library, staged } = places
  const { fileNameTemplate, keepPackZips } = settings.get()
  const publish = (arrival: Arrival) => publishArrivals(db, disk, library, [arrival], clock.now())
  const { sha256, audioSha256 } = object
  if (contents === null) {
    const trackId = row.content.contentId
    const track = ownedTracks(listOwnedWith(db, trackId)).get(trackId) ?? namedBy(row)
    await publish({
      staged,
      name: trackFileName(fileNameTemplate, track, object.fileName),
      trackId,
      sha256,
      audioSha256,
    })
  } else {
    await publishPack(needs, row.id, contents, places, signal)
    if (keepPackZips && isWhole)
      await publish({ staged, name: safeFileName(row.title, 'zip'), trackId: null, sha256, audioSha256: null })
  }
  noticeOfKept(needs.notices, await removeReplaced(db, disk))
}

function namedBy({ title, artist }: DownloadRow) {
  return title === '' ? null : { artist: artist === '' ? null : artist, title, album: null, bpm: null, key: null }
}
