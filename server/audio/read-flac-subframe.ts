import type { BitReader } from './bit-reader.ts'

// RFC 9639 §9.2
const FIXED_COEFFICIENTS = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]] as const

/** §9.2: `length` samples of one channel, of `bits` bits each. */
export function readSubframe(reader: BitReader, length: number, bits: number): Int32Array {
  reader.read(1)
  const type = reader.read(6)
  const wasted = reader.read(1) === 1 ? reader.readUnary() + 1 : 0
  const samples = new Int32Array(length)
  const width = bits - wasted
  if (type === 0) samples.fill(reader.readSigned(width))
  else if (type === 1) for (let at = 0; at < length; at++) samples[at] = reader.readSigned(width)
  else if (type >= 32) readPredicted(reader, samples, width, type - 31)
  else readFixed(reader, samples, width, type - 8)
  if (wasted > 0) for (let at = 0; at < length; at++) samples[at] = (samples[at] ?? 0) << wasted
  return samples
}

/** §9.2.5: one of five predictors that are known beforehand. */
function readFixed(reader: BitReader, samples: Int32Array, width: number, order: number): void {
  for (let at = 0; at < order; at++) samples[at] = reader.readSigned(width)
  readResidual(reader, samples, order)
  predict(samples, FIXED_COEFFICIENTS[order] ?? [], 0)
}

/** §9.2.6: a predictor whose coefficients stand in the frame. */
function readPredicted(reader: BitReader, samples: Int32Array, width: number, order: number): void {
  for (let at = 0; at < order; at++) samples[at] = reader.readSigned(width)
  const precision = reader.read(4) + 1
  const shift = reader.read(5)
  const coefficients = Array.from({ length: order }, () => reader.readSigned(precision))
  readResidual(reader, samples, order)
  predict(samples, coefficients, shift)
}

/** Adds to each residual what the samples before it foretell. */
function predict(samples: Int32Array, coefficients: readonly number[], shift: number): void {
  const order = coefficients.length
  const divisor = 2 ** shift
  for (let at = order; at < samples.length; at++) {
    let sum = 0
    for (let back = 0; back < order; back++) sum += (coefficients[back] ?? 0) * (samples[at - 1 - back] ?? 0)
    samples[at] = (samples[at] ?? 0) + Math.floor(sum / divisor)
  }
}

/** §9.2.7: partitions of Rice codes, each with a parameter of its own. */
function readResidual(reader: BitReader, samples: Int32Array, order: number): void {
  const parameterBits = reader.read(2) === 0 ? 4 : 5
  const partitions = 1 << reader.read(4)
  const unencoded = (1 << parameterBits) - 1
  const size = samples.length / partitions
  for (let partition = 0; partition < partitions; partition++) {
    const parameter = reader.read(parameterBits)
    const start = partition === 0 ? order : partition * size
    const end = (partition + 1) * size
    if (parameter === unencoded) {
      const width = reader.read(5)
      for (let at = start; at < end; at++) samples[at] = width === 0 ? 0 : reader.readSigned(width)
    } else {
      for (let at = start; at < end; at++) {
        const folded = reader.readUnary() * 2 ** parameter + reader.read(parameter)
        samples[at] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
      }
    }
  }
}
