import { Link } from '@tanstack/react-router'
import type { TrackSummary } from '../../../contract/catalogue.ts'
import { formatLength } from '../format/time.ts'
import { usePlayedFraction } from '../state/player.ts'
import { useText } from '../text.ts'
import { Cover } from '../ui/cover.tsx'
import { KeyBadge } from '../ui/key-badge.tsx'
import { Waveform } from '../ui/waveform.tsx'
import { PlayButton } from './play-button.tsx'
import { TrackAction } from './track-action.tsx'
import { TrackMenu } from './track-menu.tsx'

interface TrackRowProps {
  readonly track: TrackSummary
  readonly onPlay: (track: TrackSummary) => void
  /** Its place in a chart or pack. */
  readonly place?: number
}

/** A track as a row: the same everywhere in the store. */
export function TrackRow({ track, onPlay, place }: TrackRowProps) {
  const t = useText()
  const played = usePlayedFraction(track.id)
  return (
    <li className="group @container -mx-2 rounded-control px-2 hover:bg-panel">
      <div className="flex h-14 items-center gap-3">
        {place !== undefined && <span className="figures w-6 shrink-0 text-right text-muted text-sm">{place}</span>}
        <div className="relative size-10 shrink-0">
          <Cover media={track.cover} className="size-10" />
          <PlayButton
            trackId={track.id}
            title={track.title}
            isDisabled={track.preview === null}
            onPlay={() => onPlay(track)}
            className="absolute inset-0 m-auto size-8 bg-mint-fill text-on-mint opacity-0 focus-visible:opacity-100 group-hover:opacity-100 aria-pressed:opacity-100"
          />
        </div>
        <div className="min-w-0 flex-[3]">
          <Link
            to="/track/$id"
            params={{ id: track.id }}
            title={track.title}
            className="block truncate font-medium text-sm leading-6 hover:underline"
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
        <Waveform media={track.peaks} played={played} className="@max-3xl:hidden h-7 min-w-0 flex-[2]" />
        <span className="figures @max-lg:hidden w-9 shrink-0 text-right text-muted text-sm">
          <span className="sr-only">{t('BPM')} </span>
          {track.bpm === null ? '–' : Math.round(track.bpm)}
        </span>
        <KeyBadge musicalKey={track.key} className="@max-lg:hidden w-8 shrink-0 text-sm" />
        <span className="figures @max-md:hidden w-11 shrink-0 text-right text-muted text-sm">
          {track.durationSeconds === null ? '–' : formatLength(track.durationSeconds)}
        </span>
        <div className="flex w-24 shrink-0 justify-end">
          <TrackAction track={track} />
        </div>
        <TrackMenu track={track} />
      </div>
    </li>
  )
}
