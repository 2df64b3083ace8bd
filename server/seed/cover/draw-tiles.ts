import type { Dice } from '../random.ts'
import type { Canvas, Colour } from './canvas.ts'
import { LABEL_HEIGHT } from './label.ts'
import type { Palette } from './palettes.ts'
import { band, circle, rectangle, type Shape, sector } from './shapes.ts'

const QUARTER = Math.PI / 2
const PICTURE = 1 - LABEL_HEIGHT

interface Cell {
  readonly x: number
  readonly y: number
  readonly side: number
}

/** A quilt of quarter discs, leaves, arches and dots on a strict grid. */
export function drawTiles(canvas: Canvas, { ground, ink, tones }: Palette, dice: Dice): void {
  const columns = dice.pick([4, 5, 5])
  const side = 1 / columns
  const rows = Math.ceil(PICTURE / side)
  const motifs = [quarter, leaf, arch, dot, halves].slice(dice.whole(0, 1), dice.whole(4, 5))
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [back, front] = twoColours(dice, [ground, ...tones, ink])
      const cell = { x: column * side, y: PICTURE - (rows - row) * side, side }
      canvas.fill(rectangle(cell.x, cell.y, side, side), back)
      for (const shape of dice.pick(motifs)(cell, dice)) canvas.fill(shape, front)
    }
  }
}

function twoColours(dice: Dice, colours: readonly Colour[]): [Colour, Colour] {
  const back = dice.pick(colours)
  return [back, dice.pick(colours.filter((colour) => colour !== back))]
}

/** A corner of the cell, counted clockwise from the top left, and the angle at which a quarter disc opens into the cell. */
function corner({ x, y, side }: Cell, index: number): [number, number, number] {
  const right = index === 1 || index === 2
  const bottom = index >= 2
  return [right ? x + side : x, bottom ? y + side : y, index * QUARTER]
}

function quarter(cell: Cell, dice: Dice): Shape[] {
  const [x, y, angle] = corner(cell, dice.whole(0, 3))
  const inner = cell.side * dice.pick([0.36, 0.5])
  return dice.chance(0.5)
    ? [sector(x, y, cell.side, angle, angle + QUARTER)]
    : [band(x, y, inner, cell.side, angle, angle + QUARTER), sector(x, y, inner * 0.5, angle, angle + QUARTER)]
}

/** Where two quarter discs from opposite corners overlap. */
function leaf(cell: Cell, dice: Dice): Shape[] {
  const first = dice.whole(0, 1)
  const [ax, ay, a] = corner(cell, first)
  const [bx, by, b] = corner(cell, first + 2)
  const curve = (x: number, y: number, angle: number): [number, number][] =>
    Array.from({ length: 25 }, (_, index) => {
      const at = angle + (QUARTER * index) / 24
      return [x + Math.cos(at) * cell.side, y + Math.sin(at) * cell.side]
    })
  return [[[...curve(ax, ay, a), ...curve(bx, by, b)]]]
}

function arch({ x, y, side }: Cell, dice: Dice): Shape[] {
  const angle = QUARTER * dice.whole(0, 3)
  const middle = [x + side / 2, y + side / 2] as const
  const [px, py] = [
    middle[0] - (Math.cos(angle + QUARTER) * side) / 2,
    middle[1] - (Math.sin(angle + QUARTER) * side) / 2,
  ]
  return [
    band(px, py, side * 0.3, side * 0.5, angle, angle + 2 * QUARTER),
    sector(px, py, side * 0.14, angle, angle + 2 * QUARTER),
  ]
}

function dot({ x, y, side }: Cell, dice: Dice): Shape[] {
  const radius = side * dice.pick([0.22, 0.34])
  return [circle(x + side / 2, y + side / 2, radius)]
}

function halves({ x, y, side }: Cell, dice: Dice): Shape[] {
  const turned = dice.chance(0.5)
  const half = side / 2
  return turned
    ? [sector(x + half, y, half, 0, 2 * QUARTER), sector(x + half, y + half, half, 0, 2 * QUARTER)]
    : [sector(x, y + half, half, -QUARTER, QUARTER), sector(x + half, y + half, half, -QUARTER, QUARTER)]
}
