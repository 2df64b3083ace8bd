import type { TrackSummary } from '../../../contract/catalogue.ts'
import type { Owned } from '../../../contract/entitlements.ts'
import { fillTemplate, safeFileName } from './file-names.ts'

/** What a file can be named by. */
export interface NamedTrack {
  readonly artist: string | null
  readonly title: string | null
  readonly album: string | null
  readonly bpm: number | null
  readonly key: string | null
}

/** The name of a track's file by the template of the settings; `fallback` is the name that the server gave, used for its extension and, where nothing is known, its words. */
export function trackFileName(template: string, track: NamedTrack | null, fallback: string): string {
  const extension = extensionOf(fallback)
  const stem = track === null || track.title === null ? '' : fillTemplate(template, track)
  return safeFileName(
    stem === '' ? fallback.slice(0, fallback.length - extension.length).replace(/\.$/, '') : stem,
    extension,
  )
}

const EXTENSIONS = ['mp3', 'flac', 'wav', 'aiff', 'aif', 'm4a', 'zip']

/** The extension of a name, lower case, when it is one that music comes with; empty otherwise. */
function extensionOf(name: string): string {
  const extension = (name.split('.').at(-1) ?? '').toLowerCase()
  return EXTENSIONS.includes(extension) ? extension : ''
}

/** What is known of each track from the list of what is owned, by its id: bought by itself, or inside a pack; the first in the list counts. */
export function ownedTracks(owned: readonly Owned[]): Map<string, NamedTrack> {
  const tracks = new Map<string, NamedTrack>()
  const add = (id: string, track: NamedTrack) => {
    if (!tracks.has(id)) tracks.set(id, track)
  }
  for (const { contentType, contentId, title, track, pack } of owned) {
    if (contentType !== 'album')
      add(contentId, track === null ? { artist: null, title, album: null, bpm: null, key: null } : toNamed(track, null))
    for (const inside of pack?.tracks ?? []) add(inside.id, toNamed(inside, pack?.title ?? null))
  }
  return tracks
}

export function toNamed({ artist, title, bpm, key }: TrackSummary, album: string | null): NamedTrack {
  return { artist, title, album, bpm, key }
}
