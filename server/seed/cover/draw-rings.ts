import type { Dice } from '../random.ts'
import type { Canvas } from './canvas.ts'
import type { Palette } from './palettes.ts'
import { band, circle } from './shapes.ts'

const QUARTER = Math.PI / 2

/** Concentric bands, each broken and turned by quarters, around a middle that lies off-centre: a record seen from above. */
export function drawRings(canvas: Canvas, { ink, tones }: Palette, dice: Dice): void {
  const [x, y] = dice.pick([
    [0.5, 0.43],
    [0.86, 0.43],
    [0.14, 0.43],
    [0.5, 0.86],
    [0.94, 0.86],
  ] as const)
  const colours = [...tones, ink]
  const thickness = dice.pick([0.052, 0.066, 0.08])
  const gap = thickness * dice.pick([0.22, 0.5])
  let previous = ''
  for (let radius = thickness * 1.6; radius < 1.3; radius += thickness + gap) {
    const colour = dice.pick(colours.filter((candidate) => candidate !== previous))
    previous = colour
    const sweep = QUARTER * dice.pick([1, 2, 2, 3, 4])
    const start = QUARTER * dice.whole(0, 3)
    canvas.fill(band(x, y, radius, radius + thickness, start, start + sweep), colour)
    if (sweep < QUARTER * 3 && dice.chance(0.6)) {
      const other = dice.pick(colours.filter((candidate) => candidate !== colour))
      canvas.fill(band(x, y, radius, radius + thickness, start + sweep, start + sweep + QUARTER), other)
    }
  }
  canvas.fill(circle(x, y, thickness), tones[0])
}
