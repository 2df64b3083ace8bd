import { useState } from 'react'
import { useText } from '../text.ts'
import { SpeedForm } from './speed-form.tsx'
import { SPEEDS, speedWord } from './speed-words.ts'

interface SpeedSelectProps {
  readonly label: string
  /** Bytes per second; null: no limit, 0: hold. */
  readonly value: number | null
  readonly onChange: (bytesPerSecond: number | null) => void
}

const NONE = 'none'
const OWN = 'own'

/** A speed limit: none, one of a few, one of the user's own, or hold. */
export function SpeedSelect({ label, value, onChange }: SpeedSelectProps) {
  const t = useText()
  const [isTyping, setTyping] = useState(false)
  const isOwn = value !== null && value !== 0 && !SPEEDS.includes(value)
  return (
    <span className="flex flex-wrap items-start gap-2">
      <select
        aria-label={label}
        value={isTyping ? OWN : value === null ? NONE : String(value)}
        onChange={({ target }) => {
          setTyping(target.value === OWN)
          if (target.value === NONE) onChange(null)
          else if (target.value !== OWN) onChange(Number(target.value))
        }}
        className="figures h-9 min-w-36 rounded-control border border-edge bg-ground px-2.5 text-sm hover:border-text"
      >
        <option value={NONE}>{t('No limit')}</option>
        {[...SPEEDS, ...(isOwn ? [value] : [])]
          .sort((left, right) => left - right)
          .map((speed) => (
            <option key={speed} value={speed}>
              {speedWord(t, speed)}
            </option>
          ))}
        <option value={OWN}>{t('Own value…')}</option>
        <option value="0">{t('Hold everything')}</option>
      </select>
      {isTyping && (
        <SpeedForm
          takesFocus
          label={t('{label}: own value in MB/s', { label })}
          value={value}
          onSave={(speed) => {
            setTyping(false)
            onChange(speed)
          }}
        />
      )}
    </span>
  )
}
