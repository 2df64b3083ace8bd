import { Pause, Play, SkipBack, SkipForward, Volume1, Volume2, VolumeX, X } from 'lucide-react'
import type { CSSProperties } from 'react'
import { formatLength } from '../../shared/format/time.ts'
import { player, useCurrentPlayable, usePlayerState } from '../../shared/state/player.ts'
import { useText } from '../../shared/text.ts'
import { Cover } from '../../shared/ui/cover.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { KeyBadge } from '../../shared/ui/key-badge.tsx'
import { Waveform } from '../../shared/ui/waveform.tsx'
import { Sound } from './sound.tsx'
import { useKeptVolume } from './use-kept-volume.ts'
import { usePlayerKeys } from './use-player-keys.ts'

const SKIP_SECONDS = 5

/** The player: there once something played, on every screen. */
export function PlayerBar() {
  const t = useText()
  const current = useCurrentPlayable()
  const { wantsToPlay, position, length, queue, index, failure } = usePlayerState()
  usePlayerKeys()
  useKeptVolume()
  if (current === null) return null
  const played = length > 0 ? position / length : 0
  return (
    <section
      aria-label={t('Player')}
      className="rise-in flex h-18 items-center gap-3 border-line border-t bg-panel px-3 md:gap-5 md:px-6"
    >
      <Sound playable={current} />
      <div className="flex items-center">
        <IconButton
          icon={SkipBack}
          label={t('Previous')}
          className="max-sm:hidden"
          onClick={() => player.skipped(-1)}
        />
        <button
          type="button"
          aria-label={t(wantsToPlay ? 'Pause' : 'Play')}
          onClick={() => player.toggled()}
          className="mx-1 flex size-10 shrink-0 items-center justify-center rounded-full bg-mint-fill text-on-mint transition-[background-color,transform] hover:bg-mint-fill-hover active:scale-95"
        >
          {wantsToPlay ? (
            <Pause size={20} fill="currentColor" strokeWidth={1.5} aria-hidden />
          ) : (
            <Play size={20} fill="currentColor" strokeWidth={1.5} aria-hidden />
          )}
        </button>
        <IconButton
          icon={SkipForward}
          label={t('Next')}
          disabled={index + 1 >= queue.length}
          onClick={() => player.skipped(1)}
        />
      </div>
      <Cover media={current.cover} className="size-11 max-sm:hidden" />
      <div className="w-44 min-w-0 shrink lg:w-60">
        <p className="truncate font-medium text-sm">{current.title}</p>
        <p className="truncate text-muted text-sm">{current.artist}</p>
      </div>
      <div className="relative h-12 min-w-0 grow">
        <Waveform media={current.peaks} played={played} className="absolute inset-0 size-full" />
        <input
          type="range"
          min={0}
          max={1000}
          step={1}
          value={Math.round(played * 1000)}
          aria-label={t('Position')}
          aria-valuetext={t('{position} of {length}', {
            position: formatLength(position),
            length: formatLength(length),
          })}
          onChange={(event) => player.sought(Number(event.target.value) / 1000)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
            event.preventDefault()
            event.stopPropagation()
            player.nudged(event.key === 'ArrowLeft' ? -SKIP_SECONDS : SKIP_SECONDS)
          }}
          className="absolute inset-0 size-full cursor-pointer appearance-none rounded-control bg-transparent opacity-0"
        />
        <div className="pointer-events-none absolute inset-0 rounded-control opacity-0 outline-2 outline-mint [input:focus-visible+&]:opacity-100" />
      </div>
      <div className="figures flex shrink-0 flex-col items-end text-sm">
        <span role={failure === null ? undefined : 'alert'} className={failure === null ? '' : 'text-coral'}>
          {failure === null ? `${formatLength(position)} / ${formatLength(length)}` : t(failure)}
        </span>
        <span className="flex gap-2 text-muted text-xs">
          {current.isPreview && <span>{t('Preview')}</span>}
          {current.bpm !== null && <span>{Math.round(current.bpm)}</span>}
          <KeyBadge musicalKey={current.key} />
        </span>
      </div>
      <Volume />
      <IconButton icon={X} size="small" label={t('Close the player')} onClick={() => player.emptied()} />
    </section>
  )
}

function Volume() {
  const t = useText()
  const { volume } = usePlayerState()
  const icon = volume === 0 ? VolumeX : volume < 0.5 ? Volume1 : Volume2
  return (
    <div className="flex items-center max-lg:hidden">
      <IconButton
        icon={icon}
        label={t(volume === 0 ? 'Sound on' : 'Mute')}
        onClick={() => player.volumeChanged(volume === 0 ? 0.8 : 0)}
      />
      <input
        type="range"
        min={0}
        max={100}
        value={Math.round(volume * 100)}
        aria-label={t('Volume')}
        onChange={(event) => player.volumeChanged(Number(event.target.value) / 100)}
        className="range w-24"
        style={{ '--filled': `${Math.round(volume * 100)}%` } as CSSProperties}
      />
    </div>
  )
}
