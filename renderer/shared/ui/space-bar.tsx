interface SpaceBarProps {
  readonly neededBytes: number
  readonly freeBytes: number
  readonly label: string
}

const WHOLE = 1000

/** How much of what is needed fits into what is free, and what does not. */
export function SpaceBar({ neededBytes, freeBytes, label }: SpaceBarProps) {
  const most = Math.max(neededBytes, freeBytes, 1)
  const fits = (WHOLE * Math.min(neededBytes, freeBytes)) / most
  const over = (WHOLE * Math.max(0, neededBytes - freeBytes)) / most
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WHOLE} 8`}
      preserveAspectRatio="none"
      className="block h-2 w-full overflow-hidden rounded-full"
    >
      <rect width={WHOLE} height={8} className="fill-raised" />
      <rect width={fits} height={8} className="fill-sky" />
      <rect x={fits} width={over} height={8} className="fill-coral" />
    </svg>
  )
}
