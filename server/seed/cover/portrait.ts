import type { Dice } from '../random.ts'
import type { Canvas, Colour } from './canvas.ts'
import type { Palette } from './palettes.ts'
import { arc, band, circle, ellipse, polygon, rectangle, type Shape, stroke } from './shapes.ts'

/** A flat bust before a disc, printed in the five inks of the DJ's covers: shoulders, head, hair, headphones. */
export function drawPortrait(canvas: Canvas, palette: Palette, dice: Dice): void {
  const { ground, ink, tones } = palette
  const byLight = [ground, ink, ...tones].filter(distinct).sort((a, b) => luminance(a) - luminance(b))
  const [hair = ink] = byLight
  const lightest = byLight.at(-1) ?? ground
  const [disc, shirt] = dice.pick([
    [tones[0], tones[2]],
    [tones[2], tones[0]],
    [tones[1], tones[0]],
  ] as const)
  const faces = [...tones, lightest].filter((colour) => colour !== disc && colour !== shirt && luminance(colour) > 0.45)
  const skin = faces.length > 0 ? dice.pick(faces) : lightest
  const frame = [...byLight].reverse().find((colour) => colour !== skin) ?? lightest
  canvas.fill(circle(0.5, 0.5, 0.4), disc === hair ? frame : disc)
  if (dice.chance(0.5)) canvas.fill(band(0.5, 0.5, 0.425, 0.44), ink)
  const drawHair = dice.pick([drawLongHair, drawCurls, drawShortHair, drawBun])
  drawHair(canvas, hair, 'behind')
  canvas.fill(shoulders(), shirt === hair ? tones[1] : shirt)
  canvas.fill(rectangle(0.44, 0.56, 0.12, 0.16), skin)
  canvas.fill(ellipse(0.5, 0.72, 0.12, 0.07), skin)
  canvas.fill([arc(0.5, 0.585, 0.06, 0, Math.PI)], shaded(skin))
  canvas.fill(ellipse(0.5, 0.44, 0.27, 0.34), skin)
  canvas.fill(halfFace(), shaded(skin), 0.5)
  drawHair(canvas, hair, 'front')
  drawFace(canvas, hair, dice)
  drawHeadphones(canvas, frame, skin === tones[1] ? tones[0] : tones[1])
}

function distinct(colour: Colour, index: number, all: readonly Colour[]): boolean {
  return all.indexOf(colour) === index
}

type Layer = 'behind' | 'front'

function drawLongHair(canvas: Canvas, hair: Colour, layer: Layer): void {
  if (layer === 'behind') canvas.fill([...ellipse(0.5, 0.42, 0.38, 0.42), ...rectangle(0.31, 0.42, 0.38, 0.3)], hair)
  else canvas.fill([[...arc(0.5, 0.42, 0.155, Math.PI * 0.98, Math.PI * 1.7), [0.43, 0.36], [0.36, 0.46]]], hair)
}

function drawCurls(canvas: Canvas, hair: Colour, layer: Layer): void {
  if (layer === 'front') {
    canvas.fill(
      Array.from({ length: 5 }, (_, index) => arc(0.4 + index * 0.05, 0.3, 0.045)),
      hair,
    )
    return
  }
  const locks = Array.from({ length: 11 }, (_, index) => {
    const angle = Math.PI * (0.92 + (1.16 * index) / 10)
    return arc(0.5 + Math.cos(angle) * 0.17, 0.4 + Math.sin(angle) * 0.18, 0.075)
  })
  canvas.fill(locks, hair)
}

function drawShortHair(canvas: Canvas, hair: Colour, layer: Layer): void {
  if (layer === 'front') {
    const top = arc(0.5, 0.4, 0.152, Math.PI * 1.02, Math.PI * 1.98)
    canvas.fill([[...top, [0.63, 0.34], [0.53, 0.325], [0.4, 0.345], [0.36, 0.41]]], hair)
  }
}

function drawBun(canvas: Canvas, hair: Colour, layer: Layer): void {
  if (layer === 'behind') canvas.fill([arc(0.5, 0.2, 0.085), arc(0.5, 0.4, 0.168)], hair)
  else canvas.fill([[...arc(0.5, 0.42, 0.155, Math.PI * 1.04, Math.PI * 1.96), [0.5, 0.3]]], hair)
}

function shoulders(): Shape {
  return [
    polygon(
      ...arc(0.38, 0.86, 0.19, Math.PI, Math.PI * 1.5),
      ...arc(0.62, 0.86, 0.19, Math.PI * 1.5, Math.PI * 2),
      [0.81, 1.1],
      [0.19, 1.1],
    ),
  ]
}

/** The side of the face that is away from the light. */
function halfFace(): Shape {
  const edge = arc(0, 0, 1, -Math.PI / 2, Math.PI / 2).map(([x, y]): [number, number] => [
    0.5 + x * 0.135,
    0.44 + y * 0.17,
  ])
  const inner = edge.map(([x, y]): [number, number] => [0.5 + (x - 0.5) * 0.45, y]).reverse()
  return [[...edge, ...inner]]
}

function drawFace(canvas: Canvas, line: Colour, dice: Dice): void {
  if (dice.chance(0.45)) {
    for (const x of [0.443, 0.557]) canvas.fill(circle(x, 0.44, 0.046), line)
    canvas.fill(rectangle(0.48, 0.43, 0.04, 0.012), line)
  } else {
    for (const x of [0.45, 0.55]) {
      canvas.fill([arc(x, 0.448, 0.018, 0, Math.PI)], line)
      canvas.fill(rectangle(x - 0.024, 0.405, 0.048, 0.01), line)
    }
  }
  canvas.fill(stroke(arc(0.5, 0.515, 0.032, Math.PI * 0.15, Math.PI * 0.85), 0.009), line)
}

function drawHeadphones(canvas: Canvas, frame: Colour, pads: Colour): void {
  canvas.fill(band(0.5, 0.42, 0.175, 0.2, Math.PI, Math.PI * 2), frame)
  for (const x of [0.325, 0.675]) {
    canvas.fill(ellipse(x, 0.45, 0.085, 0.14), frame)
    canvas.fill(ellipse(x, 0.45, 0.045, 0.085), pads)
  }
}

function shaded(colour: Colour): Colour {
  const value = Number.parseInt(colour.slice(1), 16)
  const part = (shift: number): string =>
    Math.round(((value >> shift) & 0xff) * 0.78)
      .toString(16)
      .padStart(2, '0')
  return `#${part(16)}${part(8)}${part(0)}`
}

function luminance(colour: Colour): number {
  const value = Number.parseInt(colour.slice(1), 16)
  return (0.3 * (value >> 16) + 0.59 * ((value >> 8) & 0xff) + 0.11 * (value & 0xff)) / 255
}
