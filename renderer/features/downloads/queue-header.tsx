import { Pause, Play } from 'lucide-react'
import type { Output } from '../../../contract/call.ts'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { formatSpeed } from '../../shared/format/bytes.ts'
import { useTotalSpeed } from '../../shared/state/downloads.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { patchAnswers, useCommand } from '../../shared/use-call.ts'
import { SpeedControl } from './speed-control.tsx'

interface QueueHeaderProps {
  readonly list: Output<typeof delivery.list>
  readonly active: readonly Download[]
  /** How many have not come to their end. */
  readonly openCount: number
}

/** The speed of all together, the limit that applies and from where, and one button that holds or continues everything. */
export function QueueHeader({ list, active, openCount }: QueueHeaderProps) {
  const t = useText()
  const { isPaused, limit } = list
  const setPaused = (isPaused: boolean) => ({
    refresh: [delivery.list],
    optimistic: (_input: unknown, queries: Parameters<typeof patchAnswers>[0]) =>
      patchAnswers(queries, delivery.list, (former) => ({ ...former, isPaused })),
  })
  const pauseAll = useCommand(delivery.pauseAll, setPaused(true))
  const resumeAll = useCommand(delivery.resumeAll, setPaused(false))
  const speed = useTotalSpeed(active)
  const Icon = isPaused ? Play : Pause
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="font-semibold text-xl">{t('Downloads')}</h1>
      <p className="figures text-muted text-sm">
        <span role="status">{isPaused ? t('All paused') : ''}</span>
        {!isPaused && limit.bytesPerSecond !== 0 && speed > 0 && formatSpeed(speed)}
      </p>
      <div className="grow" />
      <SpeedControl limit={limit} />
      {openCount > 0 && (
        <Button onClick={() => (isPaused ? resumeAll : pauseAll).mutate({})}>
          <Icon size={16} fill="currentColor" aria-hidden />
          {isPaused ? t('Continue all') : t('Pause all')}
        </Button>
      )}
    </header>
  )
}
