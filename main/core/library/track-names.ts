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

/** What is known of a track from the list of what is owned: bought by itself, or inside a pack. */
export function findOwnedTrack(owned: readonly Owned[], trackId: string): NamedTrack | null {
  for (const item of owned) {
    if (item.contentType !== 'album' && item.contentId === trackId)
      return item.track === null
        ? { artist: null, title: item.title, album: null, bpm: null, key: null }
        : toNamed(item.track, null)
    const inside = item.pack?.tracks.find(({ id }) => id === trackId)
    if (inside !== undefined) return toNamed(inside, item.pack?.title ?? null)
  }
  return null
}

export function toNamed({ artist, title, bpm, key }: TrackSummary, album: string | null): NamedTrack {
  return { artist, title, album, bpm, key }
}
