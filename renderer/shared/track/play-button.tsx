import { Pause, Play } from 'lucide-react'
import { useIsPlaying } from '../state/player.ts'
import { useText } from '../text.ts'
import { classNames } from '../ui/class-names.ts'

interface PlayButtonProps {
  readonly trackId: string
  readonly title: string
  readonly onPlay: () => void
  readonly isDisabled?: boolean
  readonly className?: string
}

/** Plays or pauses one track. */
export function PlayButton({ trackId, title, onPlay, isDisabled = false, className }: PlayButtonProps) {
  const t = useText()
  const isPlaying = useIsPlaying(trackId)
  const Icon = isPlaying ? Pause : Play
  return (
    <button
      type="button"
      disabled={isDisabled}
      aria-label={t(isPlaying ? 'Pause {title}' : 'Play {title}', { title })}
      aria-pressed={isPlaying}
      onClick={onPlay}
      className={classNames(
        'flex shrink-0 items-center justify-center rounded-full transition-[opacity,transform,background-color] active:scale-95 disabled:invisible',
        className,
      )}
    >
      <Icon className="size-1/2" fill="currentColor" strokeWidth={1.5} aria-hidden />
    </button>
  )
}
