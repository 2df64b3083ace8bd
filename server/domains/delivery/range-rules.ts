import type { ErrorCode } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'

/**
 * The ranges as a file of `sizeBytes` can serve them: one that begins inside the file ends with it at the latest, because a client may ask
 * before it knows the size; an empty file has none. Both ends of a range are inclusive.
 */
export function clampedRanges(
  ranges: readonly ByteRange[],
  sizeBytes: number,
): { readonly ranges: readonly ByteRange[] } | { readonly fault: ErrorCode } {
  const sorted = ranges.toSorted(([a], [b]) => a - b)
  if (sorted.some(([start], index) => start <= (sorted[index - 1]?.[1] ?? -1))) return { fault: 'overlapping-ranges' }
  if (sizeBytes === 0) return { ranges: [] }
  if (sorted.some(([start]) => start >= sizeBytes)) return { fault: 'range-not-satisfiable' }
  return { ranges: ranges.map(([start, end]) => [start, Math.min(end, sizeBytes - 1)]) }
}
