import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** Bytes of one segment: the piece in which a file is delivered and proved. */
const SEGMENT_SIZE = 4 * 1024 * 1024

export interface ObjectHashes {
  readonly sizeBytes: number
  /** SHA-256 of the whole, hex. */
  readonly sha256: string
  readonly segmentSize: number
  /** SHA-256 of each segment, hex; the last one may be shorter. Empty for an empty file. */
  readonly segmentSha256: readonly string[]
  /** SHA-256 (hex) of the segment hashes, concatenated as raw bytes. */
  readonly segmentRoot: string
  /** CRC-32 of the whole, as zip archives want it. */
  readonly crc32: number
}

/** Everything the store promises about an object's bytes, in one pass over them. */
export async function hashObject(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ObjectHashes> {
  const whole = createHash('sha256')
  const root = createHash('sha256')
  const segmentSha256: string[] = []
  let segment = createHash('sha256')
  let filled = 0
  let sizeBytes = 0
  let checksum = 0

  const closeSegment = (): void => {
    const digest = segment.digest()
    root.update(digest)
    segmentSha256.push(digest.toString('hex'))
    segment = createHash('sha256')
    filled = 0
  }

  for await (const chunk of bytes) {
    whole.update(chunk)
    checksum = crc32(chunk, checksum)
    sizeBytes += chunk.length
    for (let offset = 0; offset < chunk.length; ) {
      const piece = chunk.subarray(offset, offset + SEGMENT_SIZE - filled)
      segment.update(piece)
      filled += piece.length
      offset += piece.length
      if (filled === SEGMENT_SIZE) closeSegment()
    }
  }
  if (filled > 0) closeSegment()
  return {
    sizeBytes,
    sha256: whole.digest('hex'),
    segmentSize: SEGMENT_SIZE,
    segmentSha256,
    segmentRoot: root.digest('hex'),
    crc32: checksum,
  }
}
