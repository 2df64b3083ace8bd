import { type FormEvent, useId, useState } from 'react'
import { useText } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { parseSpeed } from './parse-speed.ts'

const MEGABYTE = 1_000_000

interface SpeedFormProps {
  readonly label: string
  /** Bytes per second to begin with; null, 0: an empty field. */
  readonly value: number | null
  readonly onSave: (bytesPerSecond: number) => void
  readonly takesFocus?: boolean
}

/** A speed of the user's own, in MB/s; what is wrong with it stands under the field. */
export function SpeedForm({ label, value, onSave, takesFocus = false }: SpeedFormProps) {
  const t = useText()
  const id = useId()
  const [typed, setTyped] = useState(value === null || value === 0 ? '' : String(value / MEGABYTE))
  const [problem, setProblem] = useState<string | null>(null)
  function submit(event: FormEvent): void {
    event.preventDefault()
    event.stopPropagation()
    const parsed = parseSpeed(typed)
    setProblem('problem' in parsed ? parsed.problem : null)
    if ('bytesPerSecond' in parsed) onSave(parsed.bytesPerSecond)
  }
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-1">
      <span className="flex items-center gap-2">
        <input
          // biome-ignore lint/a11y/noAutofocus: the field appears because its value was asked for.
          autoFocus={takesFocus}
          inputMode="decimal"
          autoComplete="off"
          aria-label={label}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-problem`}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setProblem(null)
          }}
          className="figures h-9 w-20 rounded-control border border-edge bg-ground px-2.5 text-right text-sm aria-invalid:border-coral"
        />
        <span className="text-muted text-sm">MB/s</span>
        <Button type="submit">{t('Set')}</Button>
      </span>
      <span id={`${id}-problem`} role="alert" className="max-w-60 text-coral text-xs">
        {problem !== null && t(problem)}
      </span>
    </form>
  )
}
