import { useCallback } from 'react'
import type { TrackSummary } from '../../../contract/catalogue.ts'
import type { LibraryItem } from '../../../contract/library.ts'
import { type Playable, player } from '../state/player.ts'
import { useLibraryIndex } from './use-track-facts.ts'

const PLAYS_HERE: ReadonlySet<string> = new Set(['here', 'retagged'])

/** What the player needs of a track of the store: its file when it is here, else its preview; null when there is neither. */
export function toPlayable(track: TrackSummary, item: LibraryItem | undefined): Playable | null {
  const { id: trackId, title, artist, bpm, key, cover, peaks, preview } = track
  const isHere = item !== undefined && PLAYS_HERE.has(item.state)
  const mediaId = isHere ? `track/${trackId}` : preview
  return mediaId === null ? null : { trackId, title, artist, bpm, key, cover, peaks, mediaId, isPreview: !isHere }
}

/** What the player needs of a track of the library. */
export function itemToPlayable(item: LibraryItem): Playable | null {
  const { trackId, title, artist, bpm, key, cover, peaks, preview, state } = item
  const isHere = PLAYS_HERE.has(state)
  const mediaId = isHere ? `track/${trackId}` : preview
  return mediaId === null ? null : { trackId, title, artist, bpm, key, cover, peaks, mediaId, isPreview: !isHere }
}

/** Plays one of a list and goes on through the rest of it. */
export function usePlay(tracks: readonly TrackSummary[]): (track: TrackSummary) => void {
  const owned = useLibraryIndex()
  return useCallback(
    (track) => {
      const queue = tracks.map((each) => toPlayable(each, owned.get(each.id))).filter((each) => each !== null)
      const index = queue.findIndex(({ trackId }) => trackId === track.id)
      if (index >= 0) player.played(queue, index)
    },
    [tracks, owned],
  )
}
