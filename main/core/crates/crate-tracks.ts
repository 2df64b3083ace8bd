import type { DatabaseSync } from 'node:sqlite'
import type { TrackSummary } from '../../../contract/catalogue.ts'
import type { DownloadStatus } from '../../../contract/delivery.ts'
import type { Owned } from '../../../contract/entitlements.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { Disk } from '../library/disk.ts'
import { placeOf } from '../library/local-state.ts'
import { downloadStatuses, type LocalFile, listLocalFiles, listOwnedRows } from '../library/rows.ts'
import { toNamed, trackFileName } from '../library/track-names.ts'
import type { CrateTrack } from './sync-crate.ts'

/** One track that an item of a crate stands for, when the account owns it. */
export interface OwnedTrack {
  readonly trackId: string
  /** What is to be downloaded for it. */
  readonly source: ContentRef
  readonly title: string
  readonly artist: string
  readonly album: string | null
  readonly track: TrackSummary | null
}

/** What the account owns, in the order it is looked up: a track by itself, as part of a pack, or a whole pack. */
export interface OwnedIndex {
  item(content: ContentRef): Owned | undefined
  /** The tracks of an item; none when it is not owned. */
  tracksOf(content: ContentRef): readonly OwnedTrack[]
}

export function indexOwned(db: DatabaseSync): OwnedIndex {
  const owned = listOwnedRows(db)
  const byContent = new Map(owned.map((item) => [keyOf(item), item]))
  const inPacks = new Map<string, OwnedTrack>()
  for (const item of owned) {
    for (const track of item.pack?.tracks ?? []) inPacks.set(track.id, inPack(item, track))
  }
  return {
    item: (content) => byContent.get(keyOf(content)),
    tracksOf(content) {
      const item = byContent.get(keyOf(content))
      if (item?.pack != null) return item.pack.tracks.map((track) => inPack(item, track))
      if (item !== undefined) return [single(item)]
      const track = content.contentType === 'track' ? inPacks.get(content.contentId) : undefined
      return track === undefined ? [] : [track]
    },
  }
}

function single(item: Owned): OwnedTrack {
  const { contentType, contentId, track } = item
  const words = { title: track?.title ?? item.title, artist: track?.artist ?? '', album: null }
  return { trackId: contentId, source: { contentType, contentId }, ...words, track }
}

function inPack({ contentType, contentId, pack }: Owned, track: TrackSummary): OwnedTrack {
  const words = { title: track.title, artist: track.artist, album: pack?.title ?? null }
  return { trackId: track.id, source: { contentType, contentId }, ...words, track }
}

/** A file of the library, and which one the disk has under its name. */
export interface CrateSource extends LocalFile {
  readonly identity: string
  /** Nobody has changed it since it came, as far as the disk tells without reading it. */
  readonly isAsDelivered: boolean
}

/** Healthy files of the library, by track, that are at their place now. */
export async function healthyFiles(db: DatabaseSync, disk: Disk): Promise<Map<string, CrateSource>> {
  const healthy = new Map<string, CrateSource>()
  for (const file of listLocalFiles(db)) {
    if (file.state === 'damaged') continue
    const stat = await disk.lstat(placeOf(file)).catch(() => null)
    if (!stat?.isFile()) continue
    const isAsDelivered = file.state === 'here' && stat.mtimeMs === file.changedMs && stat.size === file.sizeBytes
    healthy.set(file.trackId, { ...file, identity: `${stat.dev}/${stat.ino}`, isAsDelivered })
  }
  return healthy
}

/** The tracks of a crate in its order, each once, with their files and names. */
export function crateTracks(
  items: readonly ContentRef[],
  owned: OwnedIndex,
  files: ReadonlyMap<string, CrateSource>,
  template: string,
): CrateTrack[] {
  const tracks = new Map<string, CrateTrack>()
  for (const track of items.flatMap((item) => owned.tracksOf(item))) {
    const file = files.get(track.trackId)
    if (tracks.has(track.trackId)) continue
    tracks.set(track.trackId, {
      trackId: track.trackId,
      name: nameOfTrack(track, file?.fileName, template),
      source: file === undefined ? null : sourceOf(file),
      artist: track.artist,
      title: track.title,
      durationSeconds: track.track?.durationSeconds ?? null,
      downloadBytes: track.track?.sizeBytes ?? null,
    })
  }
  return [...tracks.values()]
}

function sourceOf(file: CrateSource): CrateTrack['source'] {
  const { sha256, audioSha256, identity, isAsDelivered } = file
  return { place: placeOf(file), sha256, audioSha256, identity, isAsDelivered }
}

/** The name of a track by a template; `fileName`, where its file is here, says the format. */
export function nameOfTrack(track: OwnedTrack, fileName: string | undefined, template: string): string {
  const named = track.track === null ? { ...track, bpm: null, key: null } : toNamed(track.track, track.album)
  return trackFileName(template, named, fileName ?? `${track.title}.${track.track?.format ?? 'mp3'}`)
}

/** What is on its way; the key is `keyOf` its content. */
export function movingDownloads(db: DatabaseSync): Set<string> {
  const ended: readonly DownloadStatus[] = ['done', 'failed', 'cancelled', 'ended']
  return new Set([...downloadStatuses(db)].filter(([, status]) => !ended.includes(status)).map(([key]) => key))
}

export function keyOf({ contentType, contentId }: ContentRef): string {
  return `${contentType}/${contentId}`
}
