import { GLYPHS } from './glyphs.ts'
import { type Point, type Shape, stroke } from './shapes.ts'

// The grid of a glyph: 4 wide, 6 high.
const CAP_HEIGHT = 6
const ADVANCE_GAP = 1.6
const CURVE_STEPS = 10

export interface LetteringStyle {
  /** Height of a capital, in units of the whole picture. */
  readonly height: number
  /** Thickness of the strokes as a share of the height. */
  readonly weight: number
}

/** A line of capitals and figures from `x` along the baseline `y`; signs without a glyph are left out. */
export function lettering(text: string, x: number, y: number, style: LetteringStyle): Shape {
  const unit = style.height / CAP_HEIGHT
  const shapes: Shape[] = []
  let pen = x
  for (const letter of plainCapitals(text)) {
    const glyph = GLYPHS[letter]
    if (glyph === undefined) continue
    for (const line of glyph.lines) {
      const points = flatten(line).map(([px, py]): Point => [pen + px * unit, y - style.height + py * unit])
      shapes.push(stroke(points, style.weight * style.height))
    }
    pen += (glyph.width + ADVANCE_GAP) * unit
  }
  return shapes.flat()
}

/** How wide the line would be. */
export function letteringWidth(text: string, style: LetteringStyle): number {
  const widths = [...plainCapitals(text)].map((letter) => GLYPHS[letter]?.width).filter((width) => width !== undefined)
  return ((widths.reduce((total, width) => total + width + ADVANCE_GAP, 0) - ADVANCE_GAP) * style.height) / CAP_HEIGHT
}

/** Upper case without marks: what the glyphs can write of a text. */
export function plainCapitals(text: string): string {
  const bare = text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[łŁ]/g, 'l').replace(/ı/g, 'i')
  return [...bare.toUpperCase()].filter((letter) => GLYPHS[letter] !== undefined).join('')
}

/** Numbers in pairs are corners; a corner after `~` is only leaned towards (a quadratic curve to the next). */
function flatten(line: string): Point[] {
  const points: Point[] = []
  let lean: Point | undefined
  for (const word of line.split(' ')) {
    const [x = 0, y = 0] = word.replace('~', '').split(',').map(Number)
    if (word.startsWith('~')) {
      lean = [x, y]
    } else if (lean === undefined) {
      points.push([x, y])
    } else {
      points.push(...curve(points.at(-1) ?? lean, lean, [x, y]))
      lean = undefined
    }
  }
  return points
}

function curve(from: Point, lean: Point, to: Point): Point[] {
  return Array.from({ length: CURVE_STEPS }, (_, index): Point => {
    const t = (index + 1) / CURVE_STEPS
    const along = (axis: 0 | 1): number => (1 - t) ** 2 * from[axis] + 2 * t * (1 - t) * lean[axis] + t ** 2 * to[axis]
    return [along(0), along(1)]
  })
}
