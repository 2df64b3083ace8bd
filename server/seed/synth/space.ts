import { SAMPLE_RATE } from './sound.ts'

interface Line {
  readonly buffer: Float32Array
  position: number
  low: number
}

function lines(lengths: readonly number[]): Line[] {
  return lengths.map((length) => ({ buffer: new Float32Array(length), position: 0, low: 0 }))
}

/** A room (four damped combs and an allpass per ear, after Schroeder and Moorer) and an echo that crosses from ear to ear. */
export class Space {
  readonly #combs = { left: lines([1557, 1617, 1491, 1422]), right: lines([1580, 1640, 1514, 1445]) }
  readonly #allpass = { left: lines([225]), right: lines([248]) }
  readonly #echoLeft: Float32Array
  readonly #echoRight: Float32Array
  #echoAt = 0
  #echoLow = 0

  /** `echoSeconds` from one ear to the other. */
  constructor(echoSeconds: number) {
    const length = Math.max(1, Math.round(echoSeconds * SAMPLE_RATE))
    this.#echoLeft = new Float32Array(length)
    this.#echoRight = new Float32Array(length)
  }

  /** Adds what the room and the echo answer to the first `length` samples of what is sent to them. */
  addTo(left: Float32Array, right: Float32Array, room: Float32Array, echo: Float32Array, length: number): void {
    this.#addEcho(left, right, room, echo, length)
    addRoom(this.#combs.left, this.#allpass.left, room, left, length)
    addRoom(this.#combs.right, this.#allpass.right, room, right, length)
  }

  #addEcho(left: Float32Array, right: Float32Array, room: Float32Array, echo: Float32Array, length: number): void {
    const a = this.#echoLeft
    const b = this.#echoRight
    for (let index = 0; index < length; index++) {
      const at = this.#echoAt
      const fromA = a[at] ?? 0
      const fromB = b[at] ?? 0
      this.#echoLow += 0.35 * (fromB - this.#echoLow)
      a[at] = (echo[index] ?? 0) + this.#echoLow * 0.52
      b[at] = fromA
      left[index] = (left[index] ?? 0) + fromA * 0.7
      right[index] = (right[index] ?? 0) + fromB * 0.7
      room[index] = (room[index] ?? 0) + (fromA + fromB) * 0.16
      this.#echoAt = at + 1 === a.length ? 0 : at + 1
    }
  }
}

function addRoom(
  combs: readonly Line[],
  allpasses: readonly Line[],
  input: Float32Array,
  out: Float32Array,
  length: number,
): void {
  const wet = new Float32Array(length)
  for (const line of combs) runComb(line, input, wet, length)
  for (const line of allpasses) runAllpass(line, wet, length)
  for (let index = 0; index < length; index++) out[index] = (out[index] ?? 0) + (wet[index] ?? 0) * 0.28
}

function runComb(line: Line, input: Float32Array, wet: Float32Array, length: number): void {
  const { buffer } = line
  let { position, low } = line
  for (let index = 0; index < length; index++) {
    const delayed = buffer[position] ?? 0
    low += 0.6 * (delayed - low)
    buffer[position] = (input[index] ?? 0) + low * 0.82
    wet[index] = (wet[index] ?? 0) + delayed
    position = position + 1 === buffer.length ? 0 : position + 1
  }
  // Numbers too small to hear are slow to calculate with.
  line.low = Math.abs(low) < 1e-18 ? 0 : low
  line.position = position
}

function runAllpass(line: Line, wet: Float32Array, length: number): void {
  const { buffer } = line
  for (let index = 0; index < length; index++) {
    const delayed = buffer[line.position] ?? 0
    const input = wet[index] ?? 0
    wet[index] = delayed - 0.5 * input
    buffer[line.position] = input + 0.5 * delayed
    line.position = line.position + 1 === buffer.length ? 0 : line.position + 1
  }
}
