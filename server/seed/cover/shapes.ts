export type Point = readonly [number, number]
export type Contour = readonly Point[]
/** Contours that turn the same way are one area; one that turns the other way is a hole in it. */
export type Shape = readonly Contour[]

const FULL = Math.PI * 2
const STEPS_PER_TURN = 160

/** Points on a circle, from one angle to another (radians, clockwise from the right). */
export function arc(x: number, y: number, radius: number, from = 0, to = FULL): Point[] {
  const steps = Math.max(4, Math.ceil((Math.abs(to - from) / FULL) * STEPS_PER_TURN))
  return Array.from({ length: steps + 1 }, (_, index) => {
    const angle = from + ((to - from) * index) / steps
    return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius]
  })
}

export function circle(x: number, y: number, radius: number): Shape {
  return [arc(x, y, radius)]
}

export function ellipse(x: number, y: number, width: number, height: number): Shape {
  return [arc(0, 0, 1).map(([px, py]) => [x + (px * width) / 2, y + (py * height) / 2])]
}

/** A slice of a disc. */
export function sector(x: number, y: number, radius: number, from: number, to: number): Shape {
  return [[[x, y], ...arc(x, y, radius, from, to)]]
}

/** A curved band between two radii. */
export function band(x: number, y: number, inner: number, outer: number, from = 0, to = FULL): Shape {
  if (to - from >= FULL) return [arc(x, y, outer), arc(x, y, inner).reverse()]
  return [[...arc(x, y, outer, from, to), ...arc(x, y, inner, from, to).reverse()]]
}

export function rectangle(x: number, y: number, width: number, height: number): Shape {
  return [polygon([x, y], [x + width, y], [x + width, y + height], [x, y + height])]
}

/** A bar of length and thickness around its middle, turned by an angle, with square or round ends. */
export function bar(x: number, y: number, length: number, thickness: number, angle: number, round = false): Shape {
  const half = length / 2
  const ends: Shape = round ? [arc(x + half, y, thickness / 2), arc(x - half, y, thickness / 2)] : []
  return turn([...rectangle(x - half, y - thickness / 2, length, thickness), ...ends], x, y, angle)
}

/** A line of even thickness through the points, with round joints and ends. */
export function stroke(points: readonly Point[], thickness: number): Shape {
  const joints = points.map(([x, y]) => arc(x, y, thickness / 2))
  const segments = points.slice(1).map((to, index) => {
    const [fromX, fromY] = points[index] ?? to
    const length = Math.hypot(to[0] - fromX, to[1] - fromY)
    const angle = Math.atan2(to[1] - fromY, to[0] - fromX)
    return bar((fromX + to[0]) / 2, (fromY + to[1]) / 2, length, thickness, angle)[0] ?? []
  })
  return [...joints, ...segments]
}

/** A smooth closed curve through points at the given distances around a middle. */
export function blob(x: number, y: number, radii: readonly number[], angle = 0): Shape {
  const corners = radii.map((radius, index): Point => {
    const at = angle + (FULL * index) / radii.length
    return [x + Math.cos(at) * radius, y + Math.sin(at) * radius]
  })
  return [smooth(corners)]
}

/** Catmull-Rom through the corners, closed. */
function smooth(corners: readonly Point[]): Point[] {
  const at = (index: number): Point => corners[(index + corners.length) % corners.length] ?? [0, 0]
  return corners.flatMap((_, index) =>
    Array.from({ length: 16 }, (_unused, step): Point => {
      const t = step / 16
      const along = (axis: 0 | 1): number => {
        const [a, b, c, d] = [at(index - 1)[axis], at(index)[axis], at(index + 1)[axis], at(index + 2)[axis]]
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
      }
      return [along(0), along(1)]
    }),
  )
}

export function polygon(...points: Point[]): Contour {
  return points
}

/** A shape turned by an angle (radians) around a point. */
export function turn(shape: Shape, x: number, y: number, angle: number): Shape {
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  return shape.map((contour) =>
    contour.map(([px, py]): Point => [x + (px - x) * cos - (py - y) * sin, y + (px - x) * sin + (py - y) * cos]),
  )
}
