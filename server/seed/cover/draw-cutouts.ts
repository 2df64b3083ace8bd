import type { Dice } from '../random.ts'
import type { Canvas } from './canvas.ts'
import { LABEL_HEIGHT } from './label.ts'
import type { Palette } from './palettes.ts'
import { blob, circle, ellipse, rectangle, type Shape, turn } from './shapes.ts'

/** Paper cut with scissors: two panels, a pebble, a frond and a moon, laid over each other. */
export function drawCutouts(canvas: Canvas, { ground, ink, tones }: Palette, dice: Dice): void {
  const [first, second, third] = shuffled(dice, tones)
  const split = dice.between(0.34, 0.66)
  if (dice.chance(0.6)) canvas.fill(rectangle(dice.chance(0.5) ? 0 : split, LABEL_HEIGHT, split, 1), third)
  else canvas.fill(rectangle(0, LABEL_HEIGHT + split, 1, 1), third)
  canvas.fill(pebble(dice, dice.between(0.3, 0.7), dice.between(0.5, 0.7), 0.3), first)
  canvas.fill(pebble(dice, dice.between(0.2, 0.8), dice.between(0.35, 0.75), 0.16), second)
  const lean = dice.between(-0.7, 0.7)
  for (const leaf of frond(dice, dice.between(0.35, 0.65), 0.98, lean)) canvas.fill(leaf, ink)
  canvas.fill(
    circle(dice.between(0.18, 0.82), LABEL_HEIGHT + dice.between(0.12, 0.2), dice.between(0.05, 0.09)),
    second,
  )
  if (dice.chance(0.6)) canvas.fill(pebble(dice, dice.between(0.15, 0.85), dice.between(0.3, 0.9), 0.05), ground)
}

function shuffled(dice: Dice, tones: Palette['tones']): Palette['tones'] {
  const [a, b, c] = tones
  return dice.pick([
    [a, b, c],
    [b, a, c],
    [c, a, b],
    [a, c, b],
  ] as const)
}

function pebble(dice: Dice, x: number, y: number, size: number): Shape {
  const radii = Array.from({ length: dice.whole(5, 7) }, () => size * dice.between(0.62, 1.12))
  return blob(x, y, radii, dice.between(0, 6))
}

/** Leaves along a curved stem, smaller towards the tip. */
function frond(dice: Dice, x: number, y: number, lean: number): Shape[] {
  const leaves = dice.whole(5, 7)
  const shapes: Shape[] = []
  for (let index = 0; index < leaves; index++) {
    const along = index / leaves
    const px = x + lean * 0.5 * along ** 1.6
    const py = y - 0.62 * along
    const length = 0.27 * (1 - along * 0.62)
    for (const side of [-1, 1]) {
      const middle = px + side * length * 0.5
      const leaf = ellipse(middle, py, length, length * 0.34)
      shapes.push(turn(leaf, px, py, side * -0.55 + lean * 0.5))
    }
  }
  return shapes
}
