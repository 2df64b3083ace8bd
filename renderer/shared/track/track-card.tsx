import { Link } from '@tanstack/react-router'
import type { TrackSummary } from '../../../contract/catalogue.ts'
import { useIsPlaying, usePlayedFraction } from '../state/player.ts'
import { classNames } from '../ui/class-names.ts'
import { Cover } from '../ui/cover.tsx'
import { KeyBadge } from '../ui/key-badge.tsx'
import { Waveform } from '../ui/waveform.tsx'
import { PlayButton } from './play-button.tsx'
import { TrackAction } from './track-action.tsx'

/** A track as a cover with its waveform; Space on it plays. */
export function TrackCard({ track, onPlay }: { track: TrackSummary; onPlay: (track: TrackSummary) => void }) {
  const played = usePlayedFraction(track.id)
  const isPlaying = useIsPlaying(track.id)
  return (
    <article className="group flex min-w-0 flex-col gap-2" aria-label={`${track.title}, ${track.artist}`}>
      <div className="relative">
        <Cover media={track.cover} className="w-full" />
        <PlayButton
          trackId={track.id}
          title={track.title}
          isDisabled={track.preview === null}
          onPlay={() => onPlay(track)}
          className={classNames(
            'absolute right-2 bottom-2 size-10 bg-mint-fill text-on-mint focus-visible:opacity-100 group-hover:opacity-100',
            !isPlaying && 'sm:opacity-0',
          )}
        />
      </div>
      <Waveform media={track.peaks} played={played} className="h-6 w-full" />
      <div className="min-w-0">
        <Link
          to="/track/$id"
          params={{ id: track.id }}
          className="block truncate font-medium text-sm leading-6 hover:underline"
          title={track.title}
          onKeyDown={(event) => {
            if (event.key !== ' ') return
            event.preventDefault()
            onPlay(track)
          }}
        >
          {track.title}
        </Link>
        <Link
          to="/dj/$slug"
          params={{ slug: track.dj.slug }}
          className="block truncate text-muted text-sm leading-6 hover:text-text"
        >
          {track.artist}
        </Link>
      </div>
      <div className="flex items-center justify-between gap-2">
        <span className="figures flex gap-2 text-muted text-xs">
          {track.bpm !== null && <span>{Math.round(track.bpm)}</span>}
          <KeyBadge musicalKey={track.key} />
        </span>
        <TrackAction track={track} />
      </div>
    </article>
  )
}
