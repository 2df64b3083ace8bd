import { Plus, X } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import type { SpeedWindow } from '../../../contract/app.ts'
import { SpeedSelect } from '../../shared/speed/speed-select.tsx'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { clockWord, dayWord, endsNextDay, NEW_WINDOW, scheduleProblem, WEEK } from './schedule-rules.ts'

const MOST_WINDOWS = 20

interface ScheduleEditorProps {
  readonly windows: readonly SpeedWindow[]
  readonly onChange: (windows: SpeedWindow[]) => void
}

/** Speed limits by the hour, one line each; what is not whole yet says so and is not saved. */
export function ScheduleEditor({ windows, onChange }: ScheduleEditorProps) {
  const t = useText()
  return (
    <div className="flex w-full flex-col gap-2">
      {windows.length > 0 && (
        <ol aria-label={t('Hours with their own limit')} className="flex flex-col gap-2">
          {windows.map((window, index) => (
            <WindowLine
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is what stands at its place; it has no other name.
              key={`${index} of ${windows.length}`}
              window={window}
              place={index + 1}
              onSave={(changed) => onChange(windows.with(index, changed))}
              onRemove={() => {
                onChange(windows.toSpliced(index, 1))
                toasts.undoable(t('The hours were taken out'), t('Undo'), () => onChange([...windows]))
              }}
            />
          ))}
        </ol>
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Button
          size="small"
          disabled={windows.length >= MOST_WINDOWS}
          onClick={() => onChange([...windows, { ...NEW_WINDOW, days: [...NEW_WINDOW.days] }])}
        >
          <Plus size={16} strokeWidth={1.5} aria-hidden />
          {t('Add hours')}
        </Button>
        {windows.length > 1 && (
          <p className="text-muted text-xs">{t('Where two lines meet, the upper one applies.')}</p>
        )}
        {windows.length >= MOST_WINDOWS && (
          <p className="text-muted text-xs">{t('There can be {count} lines.', { count: MOST_WINDOWS })}</p>
        )}
      </div>
    </div>
  )
}

interface WindowLineProps {
  readonly window: SpeedWindow
  readonly place: number
  readonly onSave: (window: SpeedWindow) => void
  readonly onRemove: () => void
}

function WindowLine({ window, place, onSave, onRemove }: WindowLineProps) {
  const t = useText()
  const id = useId()
  const [draft, setDraft] = useState(window)
  const kept = JSON.stringify(window)
  useEffect(() => setDraft(JSON.parse(kept) as SpeedWindow), [kept])
  const problem = scheduleProblem(draft)
  function change(patch: Partial<SpeedWindow>): void {
    const next = { ...draft, ...patch }
    setDraft(next)
    if (scheduleProblem(next) === null) onSave(next)
  }
  const toggle = (day: number): void =>
    change({
      days: draft.days.includes(day)
        ? draft.days.filter((each) => each !== day)
        : [...draft.days, day].sort((left, right) => left - right),
    })
  const time = (which: 'from' | 'to', label: string) => (
    <input
      type="time"
      aria-label={label}
      aria-describedby={`${id}-note`}
      aria-invalid={draft[which] === ''}
      value={draft[which]}
      onChange={(event) => change({ [which]: event.target.value })}
      className="figures h-9 rounded-control border border-edge bg-panel px-2 text-sm aria-invalid:border-coral"
    />
  )
  return (
    <li
      aria-label={t('Hours {place}', { place })}
      className="flex flex-col gap-2 rounded-control border border-line bg-ground p-3"
    >
      <div className="flex items-start gap-2">
        <fieldset className="flex flex-wrap gap-1" aria-describedby={`${id}-note`}>
          <legend className="sr-only">{t('Days')}</legend>
          {WEEK.map((day) => (
            <Button
              key={day}
              size="small"
              kind="quiet"
              aria-pressed={draft.days.includes(day)}
              className="w-10 px-0! aria-pressed:bg-mint-fill aria-pressed:text-on-mint"
              onClick={() => toggle(day)}
            >
              <span aria-hidden>{dayWord(day, 'short')}</span>
              <span className="sr-only">{dayWord(day, 'long')}</span>
            </Button>
          ))}
        </fieldset>
        <span className="grow" />
        <IconButton icon={X} size="small" label={t('Take these hours out')} onClick={onRemove} />
      </div>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <span className="flex h-9 items-center gap-2 text-sm">
          {time('from', t('From'))}
          {t('to')}
          {time('to', t('To'))}
        </span>
        <SpeedSelect
          label={t('Limit in these hours')}
          value={draft.bytesPerSecond}
          onChange={(bytesPerSecond) => change({ bytesPerSecond })}
        />
      </div>
      <p id={`${id}-note`} role={problem === null ? undefined : 'alert'} className="text-xs empty:hidden">
        {problem !== null ? (
          <span className="text-coral">{t(problem)}</span>
        ) : (
          endsNextDay(draft) && (
            <span className="text-muted">
              {draft.from === draft.to
                ? t('A whole day: until {time} of the next day.', { time: clockWord(draft.to) })
                : t('Over midnight: until {time} of the next day. The days are those on which it begins.', {
                    time: clockWord(draft.to),
                  })}
            </span>
          )
        )}
      </p>
    </li>
  )
}
