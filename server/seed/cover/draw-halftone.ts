import type { Dice } from '../random.ts'
import type { Canvas } from './canvas.ts'
import { LABEL_HEIGHT } from './label.ts'
import type { Palette } from './palettes.ts'
import { arc, circle } from './shapes.ts'

const PITCH = 0.034

/** A printed dot screen whose dots swell where a sphere, a wave or a tower would throw its shadow, over one flat shape. */
export function drawHalftone(canvas: Canvas, { tones }: Palette, dice: Dice): void {
  const x = dice.between(0.3, 0.7)
  const y = LABEL_HEIGHT + dice.between(0.3, 0.56)
  const radius = dice.between(0.22, 0.34)
  canvas.fill(circle(x, y, radius), tones[0])
  const shade = dice.pick([sphere, ripples, slope])(x + dice.between(-0.15, 0.15), y + dice.between(-0.15, 0.15), dice)
  const angle = dice.pick([0, Math.PI / 4, Math.PI / 6])
  const dots = screen(angle).flatMap(([px, py]) => {
    const size = PITCH * 0.62 * Math.sqrt(Math.max(0, Math.min(1, shade(px, py))))
    return py < LABEL_HEIGHT + size || size < PITCH * 0.08 ? [] : [arc(px, py, size)]
  })
  canvas.fill(dots, tones[1])
  const small = radius * dice.between(0.18, 0.3)
  canvas.fill(circle(x + radius * dice.pick([-1.1, 1.1]), y - radius * 0.9, small), tones[2])
}

/** The points of a turned grid that lie on the picture. */
function screen(angle: number): [number, number][] {
  const reach = Math.ceil(0.8 / PITCH)
  const lines = Array.from({ length: 2 * reach + 1 }, (_, index) => (index - reach) * PITCH)
  return lines
    .flatMap((a) =>
      lines.map((b): [number, number] => [
        0.5 + a * Math.cos(angle) - b * Math.sin(angle),
        0.5 + a * Math.sin(angle) + b * Math.cos(angle),
      ]),
    )
    .filter(([x, y]) => x > -PITCH && x < 1 + PITCH && y > 0 && y < 1 + PITCH)
}

type Shade = (x: number, y: number) => number

function sphere(x: number, y: number, dice: Dice): Shade {
  const reach = dice.between(0.45, 0.6)
  return (px, py) => 1.1 - Math.hypot(px - x, py - y) / reach
}

function ripples(x: number, y: number, dice: Dice): Shade {
  const length = dice.between(22, 34)
  return (px, py) => 0.42 + 0.5 * Math.cos(Math.hypot(px - x, (py - y) * 1.3) * length)
}

function slope(x: number, _y: number, dice: Dice): Shade {
  const bend = dice.between(4, 8)
  return (px, py) => (py - 0.3 + 0.14 * Math.sin((px + x) * bend)) * 1.25
}
