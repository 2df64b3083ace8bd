import type { BitWriter } from './bit-writer.ts'

// RFC 9639 §9.2
const MAX_ORDER = 4
const MAX_PARAMETER = 14
const PARTITION_ORDER = 3

/** How one channel of one block is written, and what that costs. */
export interface SubframePlan {
  readonly samples: Int32Array
  /** Bits of each sample that is written as it is. */
  readonly width: number
  readonly order: number
  readonly residual: Int32Array
  readonly partitionOrder: number
  readonly parameters: readonly number[]
  /** Size in bits, nearly exact. */
  readonly bits: number
}

/** The fixed predictor that leaves the least to write, and the Rice parameters for what it leaves. */
export function planSubframe(samples: Int32Array, width: number): SubframePlan {
  const { order, residual } = bestPredictor(samples)
  const divides = samples.length % (1 << PARTITION_ORDER) === 0 && samples.length >> PARTITION_ORDER > MAX_ORDER
  const partitionOrder = divides ? PARTITION_ORDER : 0
  const partitions = partitionsOf(residual, order, partitionOrder).map(ricePlan)
  return {
    samples,
    width,
    order,
    residual,
    partitionOrder,
    parameters: partitions.map(({ parameter }) => parameter),
    bits: partitions.reduce((total, { bits }) => total + bits, order * width),
  }
}

/** §9.2.5 and §9.2.7 */
export function writeSubframe(writer: BitWriter, plan: SubframePlan): void {
  writer.write(0, 1)
  writer.write(0b001000 | plan.order, 6)
  writer.write(0, 1)
  for (let at = 0; at < plan.order; at++) writer.write(plan.samples[at] ?? 0, plan.width)
  writer.write(0, 2)
  writer.write(plan.partitionOrder, 4)
  for (const [index, residual] of partitionsOf(plan.residual, plan.order, plan.partitionOrder).entries()) {
    const parameter = plan.parameters[index] ?? 0
    writer.write(parameter, 4)
    for (const value of residual) {
      const folded = fold(value)
      writer.writeUnary(folded >>> parameter)
      writer.write(folded & ((1 << parameter) - 1), parameter)
    }
  }
}

/** Each order's residual is the difference of the one before: the smallest sum of magnitudes wins. */
function bestPredictor(samples: Int32Array): { order: number; residual: Int32Array } {
  let residual = samples
  let best = { order: 0, residual, sum: magnitude(samples, 0) }
  for (let order = 1; order <= Math.min(MAX_ORDER, samples.length - 1); order++) {
    residual = differences(residual)
    const sum = magnitude(residual, order)
    if (sum < best.sum) best = { order, residual, sum }
  }
  return best
}

function differences(values: Int32Array): Int32Array {
  const out = new Int32Array(values.length)
  for (let at = 1; at < values.length; at++) out[at] = (values[at] ?? 0) - (values[at - 1] ?? 0)
  return out
}

function magnitude(values: Int32Array, start: number): number {
  let sum = 0
  for (let at = start; at < values.length; at++) sum += Math.abs(values[at] ?? 0)
  return sum
}

/** The first partition is shorter by the samples that are written as they are. */
function partitionsOf(residual: Int32Array, order: number, partitionOrder: number): Int32Array[] {
  const size = residual.length >> partitionOrder
  return Array.from({ length: 1 << partitionOrder }, (_, index) =>
    residual.subarray(index === 0 ? order : index * size, (index + 1) * size),
  )
}

/** The parameter near log2 of the mean, and the bits that it costs. */
function ricePlan(residual: Int32Array): { parameter: number; bits: number } {
  let sum = 0
  for (const value of residual) sum += fold(value)
  const mean = sum / Math.max(1, residual.length)
  const parameter = Math.max(0, Math.min(MAX_PARAMETER, Math.floor(Math.log2(Math.max(1, mean)))))
  return { parameter, bits: 4 + residual.length * (1 + parameter) + sum / 2 ** parameter }
}

/** Signed to unsigned, small magnitudes first: 0, -1, 1, -2, 2 … */
function fold(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}
