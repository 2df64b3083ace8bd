import { useEffect, useRef } from 'react'
import { classNames } from './class-names.ts'
import { usePeaks } from './media.tsx'
import { waveBars } from './wave-bars.ts'

interface WaveformProps {
  readonly media: string | null
  /** How much was played, 0 to 1. */
  readonly played?: number
  readonly className?: string
}

const BAR = 2
const STEP = 3

/** A track drawn as mirrored bars, what was played in mint. A picture only: what seeks lies over it. */
export function Waveform({ media, played = 0, className }: WaveformProps) {
  const peaks = usePeaks(media)
  const canvas = useRef<HTMLCanvasElement>(null)

  useEffect(() => {
    const target = canvas.current
    if (target === null) return
    const draw = (): void => drawBars(target, peaks, played)
    draw()
    const sizes = new ResizeObserver(draw)
    sizes.observe(target)
    const themes = new MutationObserver(draw)
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', draw)
    return () => {
      sizes.disconnect()
      themes.disconnect()
      system.removeEventListener('change', draw)
    }
  }, [peaks, played])

  // The two colours travel in properties of the element, so that the canvas follows the theme.
  return <canvas ref={canvas} aria-hidden className={classNames('block text-wave caret-mint', className)} />
}

function drawBars(canvas: HTMLCanvasElement, peaks: Int8Array | null, played: number): void {
  const { clientWidth: width, clientHeight: height } = canvas
  const context = canvas.getContext('2d')
  if (context === null || width === 0) return
  const scale = devicePixelRatio
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
  }
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, width, height)
  const { color, caretColor } = getComputedStyle(canvas)
  const count = Math.floor((width + 1) / STEP)
  const bars = peaks === null ? null : waveBars(peaks, count)
  for (let bar = 0; bar < count; bar++) {
    const half = Math.max(0.75, ((bars?.[bar] ?? 0) * height) / 2)
    context.fillStyle = played > 0 && (bar + 0.5) / count <= played ? caretColor : color
    context.fillRect(bar * STEP, height / 2 - half, BAR, half * 2)
  }
}
