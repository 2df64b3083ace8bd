import type { Dice } from '../random.ts'
import type { Canvas } from './canvas.ts'
import { LABEL_HEIGHT } from './label.ts'
import type { Palette } from './palettes.ts'
import { band, circle, type Point, rectangle } from './shapes.ts'

const WATERLINE = 0.58

/** A large sun over striped water, one palette of late afternoon. */
export function drawSuns(canvas: Canvas, { ground, ink, tones }: Palette, dice: Dice): void {
  const x = dice.pick([0.32, 0.5, 0.68])
  const radius = dice.between(0.24, 0.34)
  const y = WATERLINE - radius * dice.between(0.05, 0.5)
  const halos = dice.whole(1, 3)
  for (let index = halos; index > 0; index--) {
    const inner = radius + index * 0.055 - 0.02
    canvas.fill(band(x, y, inner, inner + 0.02), tones[1])
  }
  canvas.fill(circle(x, y, radius), tones[0])
  if (dice.chance(0.6)) drawSlits(canvas, ground, x, y, radius)
  const bands = dice.whole(4, 6)
  const colours = [tones[2], tones[1], tones[2], tones[0], ink, tones[2]]
  const length = dice.pick([1, 1.5, 2.5])
  for (let index = 0; index < bands; index++) {
    const top = WATERLINE + ((1 - LABEL_HEIGHT - WATERLINE) * index) / bands
    canvas.fill(
      [[...waves(top, length, index * 1.7, index === 0 ? 0 : 0.014), [1, 1], [0, 1]]],
      colours[index] ?? ground,
    )
  }
}

/** Bars of sky across the lower half, thicker further down. */
function drawSlits(canvas: Canvas, ground: Palette['ground'], x: number, y: number, radius: number): void {
  for (let index = 0; index < 5; index++) {
    canvas.fill(rectangle(x - radius, y + index * radius * 0.17, radius * 2, 0.006 + index * 0.004), ground)
  }
}

function waves(level: number, length: number, phase: number, height: number): Point[] {
  return Array.from({ length: 81 }, (_, index): Point => {
    const x = index / 80
    return [x, level + height * Math.sin(x * Math.PI * 2 * length + phase)]
  })
}
