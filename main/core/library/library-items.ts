import type { TrackSummary } from '../../../contract/catalogue.ts'
import type { DownloadStatus } from '../../../contract/delivery.ts'
import type { Owned } from '../../../contract/entitlements.ts'
import type { LibraryItem, LocalState } from '../../../contract/library.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { formatOfName } from './local-format.ts'
import type { LocalFile } from './rows.ts'

/** What decides where a track is. */
export interface LocalFacts {
  readonly file: LocalFile | null
  /** False when the file has gone from its place. */
  readonly isThere: boolean
  readonly download: DownloadStatus | null
}

/** Every track that the account owns, each once: one bought by itself before the same one in a pack. */
export function toLibraryItems(
  owned: readonly Owned[],
  factsOf: (trackId: string, source: ContentRef) => LocalFacts,
): LibraryItem[] {
  const items = new Map<string, LibraryItem>()
  const single = owned.filter(({ contentType }) => contentType !== 'album')
  for (const item of single) items.set(item.contentId, toItem(item, item.contentId, item.track, null, factsOf))
  for (const item of owned)
    for (const track of item.pack?.tracks ?? [])
      if (!items.has(track.id)) items.set(track.id, toItem(item, track.id, track, item.pack?.title ?? null, factsOf))
  return [...items.values()]
}

function toItem(
  owned: Owned,
  trackId: string,
  track: TrackSummary | null,
  album: string | null,
  factsOf: (trackId: string, source: ContentRef) => LocalFacts,
): LibraryItem {
  const source = { contentType: owned.contentType, contentId: owned.contentId }
  const facts = factsOf(trackId, source)
  const { file } = facts
  return {
    trackId,
    source,
    access: owned.access,
    title: track?.title ?? owned.title,
    artist: track?.artist ?? file?.tags?.artist ?? '',
    album,
    genre: track?.genre?.name ?? null,
    bpm: track?.bpm ?? file?.tags?.bpm ?? null,
    key: track?.key ?? null,
    durationSeconds: track?.durationSeconds ?? null,
    format: (file !== null && facts.isThere ? formatOfName(file.fileName) : null) ?? track?.format ?? null,
    // A list that was read from an older server knows no formats.
    formats: track?.formats ?? [],
    sizeBytes: file?.sizeBytes ?? track?.sizeBytes ?? null,
    cover: track?.cover ?? null,
    peaks: track?.peaks ?? null,
    preview: track?.preview ?? null,
    ownedSince: owned.since,
    state: localState(facts),
    fileName: file !== null && facts.isThere ? file.fileName : null,
    tags: file?.tags ?? null,
    track,
  }
}

/** A file that is here and healthy counts more than a download of it; a damaged or missing one less. */
export function localState({ file, isThere, download }: LocalFacts): LocalState {
  if (file !== null && isThere && file.state !== 'damaged') return file.state
  if (download !== null && UNDER_WAY.includes(download)) return 'downloading'
  if (download !== null && WAITING.includes(download)) return 'queued'
  if (file === null) return 'cloud'
  return isThere ? 'damaged' : 'missing'
}

const UNDER_WAY: readonly DownloadStatus[] = ['preparing', 'downloading', 'verifying']
const WAITING: readonly DownloadStatus[] = [
  'queued',
  'stalled',
  'waiting-for-network',
  'waiting-for-drive',
  'needs-sign-in',
  'needs-device',
  'needs-space',
  'needs-folder',
  'needs-consent',
  'paused',
]

type Sort = 'added' | 'title' | 'artist' | 'bpm' | 'key'

/** Narrows by every word of `query` and by state, and sorts; what lacks the sorted value comes last. */
export function selectItems(
  items: readonly LibraryItem[],
  { query, state, sort }: { query?: string | undefined; state?: LocalState | undefined; sort: Sort },
): LibraryItem[] {
  const words = plain(query ?? '')
    .split(' ')
    .filter((word) => word !== '')
  const chosen = items.filter((item) => {
    const text = plain([item.title, item.artist, item.album, item.genre, item.key].join(' '))
    return (state === undefined || item.state === state) && words.every((word) => text.includes(word))
  })
  return chosen.sort((one, other) => COMPARE[sort](one, other) || one.title.localeCompare(other.title))
}

/** Letters without case and accents, so that `prufer` finds `Prüfer`. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim()
}

const COMPARE: Readonly<Record<Sort, (one: LibraryItem, other: LibraryItem) => number>> = {
  added: (one, other) => other.ownedSince.localeCompare(one.ownedSince),
  title: (one, other) => one.title.localeCompare(other.title),
  artist: (one, other) => one.artist.localeCompare(other.artist),
  bpm: (one, other) => (one.bpm ?? Number.MAX_VALUE) - (other.bpm ?? Number.MAX_VALUE),
  key: (one, other) => keyOrder(one.key) - keyOrder(other.key),
}

/** Around the Camelot wheel: 1A, 1B, 2A, … */
function keyOrder(key: string | null): number {
  const match = /^(\d+)([AB])$/.exec(key ?? '')
  return match === null ? Number.MAX_VALUE : Number(match[1]) * 2 + (match[2] === 'B' ? 1 : 0)
}
