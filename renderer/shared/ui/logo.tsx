import { classNames } from './class-names.ts'

const BARS = [6, 14, 22, 12, 4] as const

/** The mark: five bars of a waveform, and the name. */
export function Logo({ isMarkOnly = false, className }: { isMarkOnly?: boolean; className?: string }) {
  return (
    <span className={classNames('inline-flex items-center gap-2.5 font-semibold text-lg tracking-tight', className)}>
      <svg viewBox="0 0 24 24" className="size-6 shrink-0 fill-mint" aria-hidden="true">
        {BARS.map((height, index) => (
          <rect key={height} x={1 + index * 4.75} y={12 - height / 2} width="3" height={height} rx="1.5" />
        ))}
      </svg>
      {isMarkOnly ? <span className="sr-only">MixMint</span> : 'MixMint'}
    </span>
  )
}
