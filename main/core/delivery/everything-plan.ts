import type { Owned } from '../../../contract/entitlements.ts'
import type { AudioFormat, ContentRef } from '../../../contract/values.ts'

/** One download of "everything". */
export interface PlannedDownload {
  readonly content: ContentRef
  readonly title: string
  readonly artist: string
  readonly cover: string | null
  /** The format that its file here had; null: as the content comes. */
  readonly format: AudioFormat | null
  /** Tracks that it brings and that are not here. */
  readonly tracks: number
  /** Bytes of its file; 0 where the store does not say. */
  readonly sizeBytes: number
}

export interface EverythingPlan {
  readonly downloads: readonly PlannedDownload[]
  /** Tracks that are healthy on this computer. */
  readonly areHere: number
}

/**
 * The fewest downloads that bring every owned track that is not here: a pack when one of its tracks comes no other way, and a track by
 * itself unless such a pack brings it. No track comes twice.
 */
export function planEverything(
  owned: readonly Owned[],
  isHere: (trackId: string) => boolean,
  formatOf: (trackId: string) => AudioFormat | null = () => null,
): EverythingPlan {
  const singles = owned.filter(({ contentType }) => contentType !== 'album')
  const singleIds = new Set(singles.map(({ contentId }) => contentId))
  const packs = owned.filter(({ pack }) => pack !== null)
  const all = new Set([...singleIds, ...packs.flatMap(({ pack }) => (pack?.tracks ?? []).map(({ id }) => id))])
  const missing = new Set([...all].filter((trackId) => !isHere(trackId)))
  const areHere = all.size - missing.size

  const downloads: PlannedDownload[] = []
  for (const { contentType, contentId, title, pack } of packs) {
    const brings = (pack?.tracks ?? []).map(({ id }) => id).filter((trackId) => missing.has(trackId))
    if (brings.every((trackId) => singleIds.has(trackId))) continue
    for (const trackId of brings) missing.delete(trackId)
    const words = { title, artist: pack?.dj.name ?? '', cover: pack?.cover ?? null, format: null }
    const size = { tracks: brings.length, sizeBytes: pack?.sizeBytes ?? 0 }
    downloads.push({ content: { contentType, contentId }, ...words, ...size })
  }
  for (const { contentType, contentId, title, track } of singles) {
    if (!missing.delete(contentId)) continue
    const words = { title: track?.title ?? title, artist: track?.artist ?? '', cover: track?.cover ?? null }
    const format = formatOf(contentId)
    const asked = track?.formats?.find((one) => one.format === format) ?? track
    const size = { tracks: 1, sizeBytes: asked?.sizeBytes ?? 0 }
    downloads.push({ content: { contentType, contentId }, ...words, format, ...size })
  }
  return { downloads, areHere }
}
