import { CoverageMask } from './coverage-mask.ts'
import { encodePng } from './png.ts'
import type { Shape } from './shapes.ts'

/** A colour as `#rrggbb`. */
export type Colour = `#${string}`

/** A square picture that is painted with flat shapes; coordinates run from 0 to 1, right and down. */
export class Canvas {
  readonly size: number
  readonly #pixels: Uint8Array
  readonly #mask: CoverageMask

  constructor(size: number, ground: Colour) {
    this.size = size
    this.#pixels = new Uint8Array(size * size * 3)
    this.#mask = new CoverageMask(size)
    Buffer.from(this.#pixels.buffer).fill(Uint8Array.from(channels(ground)))
  }

  /** Paints a shape; `opacity` from 0 to 1. */
  fill(shape: Shape, colour: Colour, opacity = 1): void {
    for (const contour of shape) this.#mask.add(contour)
    const [red, green, blue] = channels(colour)
    const pixels = this.#pixels
    this.#mask.drain((pixel, coverage) => {
      const share = coverage * opacity
      const at = pixel * 3
      pixels[at] = Math.round((pixels[at] ?? 0) * (1 - share) + red * share)
      pixels[at + 1] = Math.round((pixels[at + 1] ?? 0) * (1 - share) + green * share)
      pixels[at + 2] = Math.round((pixels[at + 2] ?? 0) * (1 - share) + blue * share)
    })
  }

  toPng(): Buffer {
    return encodePng(this.#pixels, this.size)
  }
}

function channels(colour: Colour): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16)
  return [value >> 16, (value >> 8) & 0xff, value & 0xff]
}
