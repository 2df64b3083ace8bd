import { type Canvas, createCanvas, paintBox, type Rgb } from './canvas.ts'

/** Heights of the five bars of the waveform, in 24ths of the mark's side: the same as in the app's logo. */
const BARS = [6, 14, 22, 12, 4] as const
const MINT_LIGHT: Rgb = [112, 240, 184]
const MINT: Rgb = [46, 204, 138]
const BLACK: Rgb = [0, 0, 0]

interface MarkPlace {
  /** In units of the picture's side, 0 to 1. */
  readonly inset: number
  readonly from: Rgb
  readonly to: Rgb
}

function paintMark(canvas: Canvas, { inset, from, to }: MarkPlace): void {
  const unit = (1 - 2 * inset) / 24
  for (const [index, height] of BARS.entries())
    paintBox(canvas, {
      x: inset + (1 + index * 4.75) * unit,
      y: 0.5 - (height / 2) * unit,
      width: 3 * unit,
      height: height * unit,
      radius: 1.5 * unit,
      from,
      to,
    })
}

/** The app's icon: the mark on a dark rounded tile with a lit upper edge. `margin` is the empty border that a system wants, 0 to 1. */
export function appIcon(size: number, margin = 0): Canvas {
  const canvas = createCanvas(size)
  const side = 1 - 2 * margin
  const tile = { x: margin, y: margin, width: side, height: side, radius: 0.225 * side }
  paintBox(canvas, { ...tile, from: [58, 78, 71], to: [20, 28, 26] })
  const line = Math.max(side / 160, 1 / size)
  paintBox(canvas, {
    x: margin + line,
    y: margin + line,
    width: side - 2 * line,
    height: side - 2 * line,
    radius: tile.radius - line,
    from: [27, 39, 35],
    to: [8, 12, 11],
  })
  paintMark(canvas, { inset: margin + 0.2 * side, from: MINT_LIGHT, to: MINT })
  return canvas
}

/** The mark alone, for the tray: mint, or black as macOS wants its templates. */
export function trayIcon(size: number, isTemplate: boolean): Canvas {
  const canvas = createCanvas(size)
  paintMark(canvas, isTemplate ? { inset: 0.06, from: BLACK, to: BLACK } : { inset: 0.06, from: MINT_LIGHT, to: MINT })
  return canvas
}
