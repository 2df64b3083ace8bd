import { create } from 'zustand'

/** Something the player can play: a preview, or the file on this computer. */
export interface Playable {
  readonly trackId: string
  readonly title: string
  readonly artist: string
  readonly bpm: number | null
  readonly key: string | null
  readonly cover: string | null
  readonly peaks: string | null
  /** What `openMedia` opens: `preview/<sha256>` or `track/<uuid>`. */
  readonly mediaId: string
  readonly isPreview: boolean
}

interface Player {
  readonly queue: readonly Playable[]
  readonly index: number
  readonly wantsToPlay: boolean
  /** Seconds, both. */
  readonly position: number
  readonly length: number
  /** 0 to 1. */
  readonly volume: number
  readonly failure: string | null
  /** A position to jump to, as a fraction; taken by the audio element. */
  readonly seekTo: number | null
}

const useStore = create<Player>(() => ({
  queue: [],
  index: 0,
  wantsToPlay: false,
  position: 0,
  length: 0,
  volume: 0.8,
  failure: null,
  seekTo: null,
}))
const atStart = { position: 0, length: 0, failure: null, seekTo: null }

/** What happens to the player. */
export const player = {
  /** Plays one of a list, and goes on with the rest of it; the one that plays already is paused or continued. */
  played: (queue: readonly Playable[], index: number): void => {
    const { queue: former, index: at, wantsToPlay } = useStore.getState()
    const isSame = former[at]?.trackId === queue[index]?.trackId && former[at]?.mediaId === queue[index]?.mediaId
    useStore.setState(isSame ? { wantsToPlay: !wantsToPlay } : { queue, index, wantsToPlay: true, ...atStart })
  },
  toggled: (): void =>
    useStore.setState(({ wantsToPlay, queue }) => ({ wantsToPlay: queue.length > 0 && !wantsToPlay })),
  paused: (): void => useStore.setState({ wantsToPlay: false }),
  skipped: (by: 1 | -1): void =>
    useStore.setState(({ queue, index, position }) => {
      if (by === -1 && position > 3) return { seekTo: 0 }
      const next = index + by
      return next < 0 || next >= queue.length ? { wantsToPlay: false } : { index: next, wantsToPlay: true, ...atStart }
    }),
  /** Jumps to a fraction of the whole, 0 to 1. */
  sought: (fraction: number): void => useStore.setState({ seekTo: Math.min(1, Math.max(0, fraction)) }),
  /** Jumps by seconds. */
  nudged: (seconds: number): void =>
    useStore.setState(({ position, length }) =>
      length === 0 ? {} : { seekTo: Math.min(1, Math.max(0, (position + seconds) / length)) },
    ),
  volumeChanged: (volume: number): void => useStore.setState({ volume: Math.min(1, Math.max(0, volume)) }),
  progressed: (position: number, length: number): void => useStore.setState({ position, length, seekTo: null }),
  failed: (failure: string): void => useStore.setState({ failure, wantsToPlay: false }),
  emptied: (): void => useStore.setState({ queue: [], index: 0, wantsToPlay: false, ...atStart }),
}

export const useCurrentPlayable = (): Playable | null => useStore(({ queue, index }) => queue[index] ?? null)
export const usePlayerState = (): Player => useStore()
export const useIsPlaying = (trackId: string): boolean =>
  useStore(({ queue, index, wantsToPlay }) => wantsToPlay && queue[index]?.trackId === trackId)
/** How far the track has played, 0 to 1; 0 when it is not the current one. */
export const usePlayedFraction = (trackId: string): number =>
  useStore(({ queue, index, position, length }) =>
    queue[index]?.trackId === trackId && length > 0 ? position / length : 0,
  )
