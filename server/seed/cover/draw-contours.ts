import type { Dice } from '../random.ts'
import type { Canvas } from './canvas.ts'
import { LABEL_HEIGHT, MARGIN } from './label.ts'
import type { Palette } from './palettes.ts'
import { circle, type Point, stroke } from './shapes.ts'

const ROWS = 26
const COLUMNS = 110

/** Ridges behind ridges, each line hiding the ones behind it, and one low disc: snow at dawn. */
export function drawContours(canvas: Canvas, { ground, ink, tones }: Palette, dice: Dice): void {
  const sun = dice.between(0.28, 0.72)
  canvas.fill(circle(sun, LABEL_HEIGHT + dice.between(0.16, 0.24), dice.between(0.1, 0.17)), tones[2])
  const hills = Array.from({ length: 4 }, () => ({
    middle: dice.between(0.1, 0.9),
    width: dice.between(0.06, 0.2),
    height: dice.between(0.06, 0.2),
    drift: dice.between(-0.012, 0.012),
  }))
  const waves = dice.between(18, 34)
  for (let row = 0; row < ROWS; row++) {
    const nearness = row / (ROWS - 1)
    const base = 0.38 + nearness * 0.58
    const phase = dice.between(0, 6)
    const ridge = Array.from({ length: COLUMNS + 1 }, (_, column): Point => {
      const x = column / COLUMNS
      const lift = hills.reduce(
        (sum, hill) => sum + hill.height * bell(x, hill.middle + hill.drift * row, hill.width),
        0,
      )
      const ripple = 0.004 * Math.sin(x * waves + phase) + 0.003 * Math.sin(x * waves * 2.3 + phase * 2)
      return [x, base - lift * (0.35 + 0.65 * Math.sin(Math.PI * nearness)) + ripple]
    })
    canvas.fill([[...ridge, [1, 1.1], [0, 1.1]]], ground)
    canvas.fill(
      stroke(
        ridge.filter(([x]) => x >= MARGIN && x <= 1 - MARGIN),
        0.0042,
      ),
      row % 5 === 4 ? ink : tones[1],
    )
  }
}

function bell(x: number, middle: number, width: number): number {
  return Math.exp(-(((x - middle) / width) ** 2))
}
