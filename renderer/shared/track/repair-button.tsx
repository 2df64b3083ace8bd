import { useText } from '../text.ts'
import { Button, type ButtonSize } from '../ui/button.tsx'
import { useRepairTrack } from './use-repair-track.ts'

interface RepairButtonProps {
  readonly trackId: string
  readonly title: string
  readonly state: 'damaged' | 'missing'
  readonly size: ButtonSize
}

/** Repairs one broken file, and says below itself why that did not come about. */
export function RepairButton({ trackId, title, state, size }: RepairButtonProps) {
  const t = useText()
  const { start, isPending, problem } = useRepairTrack({ trackId, title })
  const isDamaged = state === 'damaged'
  return (
    <span className="inline-flex min-w-0 flex-col items-start gap-1">
      <Button
        kind={size === 'small' ? 'secondary' : 'primary'}
        size={size}
        disabled={isPending}
        aria-label={t(isPending ? 'Reading… {title}' : isDamaged ? 'Repair {title}' : 'Bring back {title}', { title })}
        onClick={start}
      >
        {isPending ? t('Reading…') : isDamaged ? t('Repair') : t('Bring back')}
      </Button>
      {problem !== null && (
        <span role="alert" className="text-xs">
          <span className="font-medium text-coral">{t(problem.what)}.</span> {t(problem.remedy)}
        </span>
      )}
    </span>
  )
}
