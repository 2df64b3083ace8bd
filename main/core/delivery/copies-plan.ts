import type { DatabaseSync } from 'node:sqlite'
import type { VolumePlan } from '../../../contract/delivery.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { type Disk, freeBytes } from '../library/disk.ts'
import { volumeFacts, volumeName } from '../library/volume-facts.ts'
import type { listToCome } from './plan-rows.ts'
import { findDownload } from './rows.ts'
import { SPARE_BYTES } from './space-rules.ts'

/** A folder that keeps files of its own of what has come, and what belongs into it. */
export interface CopyFolder {
  /** Absolute. */
  readonly folder: string
  readonly items: readonly ContentRef[]
}

interface CopiesNeeds {
  readonly disk: Disk
  readonly db: DatabaseSync
  readonly dataFolder: string
  readonly copyFolders: () => readonly CopyFolder[]
}

type ToCome = ReturnType<typeof listToCome>[number]

/**
 * What the files to come need once more on volumes other than `libraryDevice`, where they can not be linked: one plan for each volume. A folder
 * that is not there now is left out, because nobody knows its volume.
 */
export async function planCopies(
  { disk, db, dataFolder, copyFolders }: CopiesNeeds,
  downloads: readonly ToCome[],
  libraryDevice: number | null,
): Promise<VolumePlan[]> {
  const volumes = new Map<number, { folder: string; bytes: number; downloads: Set<string> }>()
  for (const { folder, items } of copyFolders()) {
    const device = await disk.stat(folder).then(
      ({ dev }) => dev,
      () => null,
    )
    if (device === null || device === libraryDevice) continue
    const volume = volumes.get(device) ?? { folder, bytes: 0, downloads: new Set() }
    const wanted = new Set(items.map(keyOf))
    for (const download of downloads) {
      const bytes = bytesFor(db, download, wanted)
      if (bytes === null) continue
      volume.bytes += bytes
      volume.downloads.add(download.id)
    }
    if (volume.downloads.size > 0) volumes.set(device, volume)
  }
  return Promise.all(
    [...volumes.values()].map(async ({ folder, bytes, downloads: { size } }) => {
      const free = await freeBytes(disk, folder)
      const { mount } = await volumeFacts(disk, folder, dataFolder)
      return {
        ...{ name: volumeName(mount), isForCopies: true, isConnected: true, downloads: size },
        ...{ remainingBytes: bytes, freeBytes: free },
        missingBytes: free === null ? 0 : Math.max(0, bytes + SPARE_BYTES - free),
      }
    }),
  )
}

const keyOf = ({ contentType, contentId }: ContentRef): string => `${contentType} ${contentId}`

/** Bytes of a download that belong to what is wanted, the tracks of a pack by themselves too; null for one that does not. */
function bytesFor(db: DatabaseSync, { id, content, totalBytes }: ToCome, wanted: ReadonlySet<string>): number | null {
  if (wanted.has(keyOf(content))) return totalBytes ?? 0
  if (content.contentType !== 'album') return null
  const tracks = (findDownload(db, id)?.contents ?? []).filter(({ trackId }) => wanted.has(`track ${trackId}`))
  return tracks.length === 0 ? null : tracks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}
