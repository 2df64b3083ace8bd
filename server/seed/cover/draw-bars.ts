import type { Dice } from '../random.ts'
import type { Canvas } from './canvas.ts'
import { LABEL_HEIGHT, MARGIN } from './label.ts'
import type { Palette } from './palettes.ts'
import { bar, circle } from './shapes.ts'

/** Parallel bars at one angle, cut by an invisible edge, with a single disc: a Swiss poster about rails. */
export function drawBars(canvas: Canvas, { tones }: Palette, dice: Dice): void {
  const angle = dice.pick([-Math.PI / 4, Math.PI / 4, -Math.PI / 6, Math.PI / 2, 0])
  const count = dice.whole(7, 13)
  const pitch = 1.15 / count
  const middle = { x: 0.5, y: LABEL_HEIGHT + (1 - LABEL_HEIGHT) / 2 }
  const accent = dice.whole(1, count - 2)
  const swing = dice.between(0.5, 1.6)
  const phase = dice.between(0, 6)
  for (let index = 0; index < count; index++) {
    const across = (index - (count - 1) / 2) * pitch
    const along = Math.sin(index * swing + phase) * 0.3
    const length = 0.74 + 0.3 * Math.sin(index * swing * 0.7 + phase * 2)
    const x = middle.x + Math.cos(angle) * along - Math.sin(angle) * across
    const y = middle.y + Math.sin(angle) * along + Math.cos(angle) * across
    const thickness = pitch * (0.36 + (0.5 * ((index * 7) % count)) / count)
    canvas.fill(
      bar(x, y, length, thickness, angle),
      index === accent ? tones[1] : index % 3 === 2 ? tones[2] : tones[0],
    )
  }
  if (dice.chance(0.7)) {
    const radius = dice.between(0.07, 0.13)
    const x = dice.pick([MARGIN + radius, 1 - MARGIN - radius])
    canvas.fill(circle(x, dice.pick([LABEL_HEIGHT + radius + 0.03, 1 - MARGIN - radius]), radius), tones[1])
  }
}
