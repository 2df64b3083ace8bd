import { createHash } from 'node:crypto'
import type { ContentRef } from '../../contract/values.ts'
import type { ServedObject } from './fault-server.ts'

/** A file that is zeros but for some places, so that its size costs no memory. */
export interface SparseObject {
  readonly served: ServedObject
  /** Segments that hold anything but zeros. */
  readonly filled: ReadonlySet<number>
  bytesAt(start: number, end: number): Buffer
}

/** Describes such a file of `size` bytes; `islands` are its bytes by their offset. Its SHA-256 is one that no client works out. */
export function sparseObject(
  content: ContentRef,
  { size, segmentSize }: { readonly size: number; readonly segmentSize: number },
  islands: ReadonlyMap<number, Buffer>,
): SparseObject {
  function bytesAt(start: number, end: number): Buffer {
    const bytes = Buffer.alloc(Math.min(end, size) - start)
    for (const [offset, island] of islands) {
      const [from, to] = [Math.max(start, offset), Math.min(end, offset + island.length)]
      if (from < to) island.copy(bytes, from - start, from - offset, to - offset)
    }
    return bytes
  }

  const count = Math.ceil(size / segmentSize)
  const filled = new Set(
    [...islands].flatMap(([offset, { length }]) => {
      const [first, last] = [Math.floor(offset / segmentSize), Math.floor((offset + length - 1) / segmentSize)]
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    }),
  )
  const ofZeros = sha256(Buffer.alloc(segmentSize))
  const hashes = Array.from({ length: count }, (_, index) =>
    filled.has(index) || index === count - 1
      ? sha256(bytesAt(index * segmentSize, (index + 1) * segmentSize))
      : ofZeros,
  )
  const segmentRoot = sha256(Buffer.concat(hashes)).toString('hex')
  return {
    filled,
    bytesAt,
    served: {
      content,
      // All that is asked of the bytes of a file that is served.
      bytes: { length: size, subarray: bytesAt } as unknown as Buffer,
      sha256: segmentRoot,
      etag: `"sha256-${segmentRoot}"`,
      segmentSize,
      segmentSha256: hashes.map((hash) => hash.toString('hex')),
      segmentRoot,
    },
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
