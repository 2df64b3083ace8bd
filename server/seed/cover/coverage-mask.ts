import type { Contour } from './shapes.ts'

/**
 * How much of each pixel a shape covers, exactly: every edge adds its signed area to the pixels it crosses, and the sum
 * along a row is the coverage (the accumulation buffer of Raph Levien's font-rs). Contours that turn the same way join;
 * one that turns the other way cuts a hole.
 */
export class CoverageMask {
  readonly #size: number
  readonly #stride: number
  readonly #area: Float32Array
  #top: number
  #bottom = 0
  #left: number
  #right = 0

  constructor(size: number) {
    this.#size = size
    this.#stride = size + 2
    this.#area = new Float32Array(this.#stride * size)
    this.#top = size
    this.#left = size
  }

  /** Adds one closed contour, in units of the whole picture. */
  add(contour: Contour): void {
    const size = this.#size
    for (let index = 0; index < contour.length; index++) {
      const from = contour[index]
      const to = contour[(index + 1) % contour.length]
      if (from !== undefined && to !== undefined) this.#edge(from[0] * size, from[1] * size, to[0] * size, to[1] * size)
    }
  }

  /** Hands out every covered pixel with its coverage (above 0, up to 1), and is empty afterwards. */
  drain(paint: (pixel: number, coverage: number) => void): void {
    const area = this.#area
    const first = Math.floor(this.#left)
    const last = Math.min(this.#size, Math.ceil(this.#right) + 1)
    for (let row = this.#top; row < this.#bottom; row++) {
      const start = row * this.#stride
      let sum = 0
      for (let column = first; column < last; column++) {
        sum += area[start + column] ?? 0
        const coverage = Math.min(1, Math.abs(sum))
        if (coverage > 0.003) paint(row * this.#size + column, coverage)
      }
      area.fill(0, start + first, start + this.#stride)
    }
    this.#top = this.#size
    this.#bottom = 0
    this.#left = this.#size
    this.#right = 0
  }

  #edge(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromY === toY) return
    if (fromY > toY) this.#downwards(toX, toY, fromX, fromY, -1)
    else this.#downwards(fromX, fromY, toX, toY, 1)
  }

  #downwards(topX: number, topY: number, bottomX: number, bottomY: number, direction: number): void {
    const slope = (bottomX - topX) / (bottomY - topY)
    const firstRow = Math.max(0, Math.floor(topY))
    const lastRow = Math.min(this.#size, Math.ceil(bottomY))
    this.#top = Math.min(this.#top, firstRow)
    this.#bottom = Math.max(this.#bottom, lastRow)
    for (let row = firstRow; row < lastRow; row++) {
      const start = Math.max(row, topY)
      const end = Math.min(row + 1, bottomY)
      const x = topX + (start - topY) * slope
      this.#cross(row * this.#stride, this.#clamp(x), this.#clamp(x + (end - start) * slope), (end - start) * direction)
    }
  }

  /** One edge within one row, `height` pixels high: what it covers of each pixel it crosses, and all to the right of it. */
  #cross(row: number, a: number, b: number, height: number): void {
    const left = Math.min(a, b)
    const right = Math.max(a, b)
    this.#left = Math.min(this.#left, left)
    this.#right = Math.max(this.#right, right)
    const first = Math.floor(left)
    const last = Math.max(first, Math.ceil(right) - 1)
    let before = 0
    for (let column = first; column <= last; column++) {
      const covered = right === left ? first + 1 - left : coveredShare(column + 1, left, right)
      this.#area[row + column] = (this.#area[row + column] ?? 0) + height * (covered - before)
      before = covered
    }
    this.#area[row + last + 1] = (this.#area[row + last + 1] ?? 0) + height * (1 - before)
  }

  #clamp(x: number): number {
    return Math.max(0, Math.min(this.#size, x))
  }
}

/** Of the pixel that ends at `edge`, the share to the right of a line that runs evenly from `left` to `right`. */
function coveredShare(edge: number, left: number, right: number): number {
  const integral = (x: number): number => {
    if (x <= left) return 0
    return x >= right ? x - (left + right) / 2 : (x - left) ** 2 / (2 * (right - left))
  }
  return integral(edge) - integral(edge - 1)
}
