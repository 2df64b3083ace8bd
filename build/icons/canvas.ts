export type Rgb = readonly [red: number, green: number, blue: number]

/** A square picture of RGBA bytes with straight alpha. */
export interface Canvas {
  readonly size: number
  readonly pixels: Uint8Array
}

export interface RoundedBox {
  /** In units of the picture's side, 0 to 1. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly radius: number
  /** Colours at the top and at the bottom of the box. */
  readonly from: Rgb
  readonly to: Rgb
}

export function createCanvas(size: number): Canvas {
  return { size, pixels: new Uint8Array(size * size * 4) }
}

/** Paints a box with smooth edges over what is there. */
export function paintBox({ size, pixels }: Canvas, box: RoundedBox): void {
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1) {
      const cover = coverage(box, (column + 0.5) / size, (row + 0.5) / size, size)
      if (cover > 0) blend(pixels, (row * size + column) * 4, shade(box, (row + 0.5) / size), cover)
    }
}

/** How much of the pixel around a point the box covers, from its distance to the box's edge. */
function coverage({ x, y, width, height, radius }: RoundedBox, px: number, py: number, size: number): number {
  const dx = Math.abs(px - x - width / 2) - width / 2 + radius
  const dy = Math.abs(py - y - height / 2) - height / 2 + radius
  const distance = Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius
  return Math.min(Math.max(0.5 - distance * size, 0), 1)
}

function shade({ y, height, from, to }: RoundedBox, py: number): Rgb {
  const part = Math.min(Math.max((py - y) / height, 0), 1)
  const mix = (first: number, last: number): number => first + (last - first) * part
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])]
}

function blend(pixels: Uint8Array, at: number, colour: Rgb, alpha: number): void {
  const below = (pixels[at + 3] ?? 0) / 255
  const total = alpha + below * (1 - alpha)
  for (let channel = 0; channel < 3; channel += 1) {
    const old = pixels[at + channel] ?? 0
    pixels[at + channel] = Math.round(((colour[channel] ?? 0) * alpha + old * below * (1 - alpha)) / total)
  }
  pixels[at + 3] = Math.round(total * 255)
}
