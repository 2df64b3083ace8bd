import { useEffect, useRef } from 'react'

interface SegmentBarProps {
  /** One digit for each part: 0 missing, 1 arriving, 2 verified. */
  readonly cells: string
  /** 0 to 1. */
  readonly fraction: number
  readonly label: string
}

/** How far a download is, and which parts are verified: they arrive in any order. */
export function SegmentBar({ cells, fraction, label }: SegmentBarProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const target = canvas.current
    if (target === null) return
    const draw = (): void => drawCells(target, cells, fraction)
    draw()
    const sizes = new ResizeObserver(draw)
    sizes.observe(target)
    return () => sizes.disconnect()
  }, [cells, fraction])
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(fraction * 100)}
      className="overflow-hidden rounded-full"
    >
      <canvas ref={canvas} aria-hidden className="block h-1.5 w-full border-raised text-sky caret-mint" />
    </div>
  )
}

function drawCells(canvas: HTMLCanvasElement, cells: string, fraction: number): void {
  const context = canvas.getContext('2d')
  const { clientWidth: width } = canvas
  if (context === null || width === 0) return
  const scale = devicePixelRatio
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(6 * scale)
  const { color, caretColor, borderColor } = getComputedStyle(canvas)
  context.fillStyle = borderColor
  context.fillRect(0, 0, canvas.width, canvas.height)
  if (cells === '') {
    context.fillStyle = color
    context.fillRect(0, 0, canvas.width * fraction, canvas.height)
    return
  }
  const step = canvas.width / cells.length
  for (const [index, cell] of [...cells].entries()) {
    if (cell === '0') continue
    context.fillStyle = cell === '2' ? caretColor : color
    context.fillRect(Math.floor(index * step), 0, Math.ceil(step), canvas.height)
  }
}
