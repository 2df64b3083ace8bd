import type { CSSProperties } from 'react'
import { useText } from '../text.ts'
import { classNames } from './class-names.ts'

/** A musical key in its Camelot hue; neighbours on the wheel are neighbours in hue, and the code is always written. */
export function KeyBadge({ musicalKey, className }: { musicalKey: string | null; className?: string }) {
  const t = useText()
  if (musicalKey === null) return <span className="text-muted">–</span>
  const step = Number.parseInt(musicalKey, 10)
  return (
    <span
      className={classNames('key-badge figures font-semibold', className)}
      style={{ '--key-hue': String((step * 30 + 130) % 360) } as CSSProperties}
    >
      <span className="sr-only">{t('Key')} </span>
      {musicalKey}
    </span>
  )
}
