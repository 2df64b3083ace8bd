import type { ErrorCode } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'

/** Why these ranges can not be granted for a file of `sizeBytes`; null when they can. Both ends of a range are inclusive. */
export function rangeFault(ranges: readonly ByteRange[], sizeBytes: number): ErrorCode | null {
  const sorted = ranges.toSorted(([a], [b]) => a - b)
  if (sorted.some(([start], index) => start <= (sorted[index - 1]?.[1] ?? -1))) return 'overlapping-ranges'
  return sorted.some(([, end]) => end >= sizeBytes) ? 'range-not-granted' : null
}

/** Bytes of the smallest range; 0 when none is asked for. */
export function smallestRange(ranges: readonly ByteRange[]): number {
  return ranges.length === 0 ? 0 : Math.min(...ranges.map(([start, end]) => end - start + 1))
}
