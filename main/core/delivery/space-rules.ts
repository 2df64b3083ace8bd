import type { ContentRef } from '../../../contract/values.ts'

/** Left free on a disk beside what is to come, in bytes. */
export const SPARE_BYTES = 16 * 1024 * 1024

/** What the room for one download depends on; `totalBytes` is null where nobody knows the size. */
export interface SizedDownload {
  readonly content: ContentRef
  readonly receivedBytes: number
  readonly totalBytes: number | null
}

/** Bytes of a download that are still to come. */
export function bytesToCome({ receivedBytes, totalBytes }: Omit<SizedDownload, 'content'>): number {
  return Math.max(0, (totalBytes ?? 0) - receivedBytes)
}

export interface RoomNeeded {
  readonly remainingBytes: number
  /** What does not fit; 0 when all does or nobody knows. */
  readonly missingBytes: number
}

/**
 * The room that downloads to one volume need together: what is still to come of each, and once more the largest pack while its tracks are
 * taken out of it, or every pack where their zips are kept. What is here already is not counted again.
 */
export function roomNeeded(
  downloads: readonly SizedDownload[],
  freeBytes: number | null,
  keepsPackZips: boolean,
): RoomNeeded {
  const remaining = downloads.reduce((sum, download) => sum + bytesToCome(download), 0)
  const packs = downloads
    .filter(({ content }) => content.contentType === 'album')
    .map(({ totalBytes }) => totalBytes ?? 0)
  const kept = keepsPackZips ? packs.reduce((sum, bytes) => sum + bytes, 0) : 0
  const beside = keepsPackZips ? 0 : Math.max(0, ...packs)
  const remainingBytes = remaining + kept
  const needed = remainingBytes + beside + SPARE_BYTES
  const isShort = freeBytes !== null && downloads.length > 0 && remainingBytes > 0
  return { remainingBytes, missingBytes: isShort ? Math.max(0, needed - freeBytes) : 0 }
}
