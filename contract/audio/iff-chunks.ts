import { ascii, type ByteReader, viewOf } from './byte-reader.ts'

export interface IffChunk {
  readonly id: string
  /** Where the content starts, after the chunk's own header. */
  readonly start: number
  /** Where the content ends; never beyond the file, even if the header says so. */
  readonly end: number
}

/** The chunks of a RIFF (little-endian) or FORM (big-endian) file in the order in which they stand, each padded to an even length. */
export async function* iffChunks(reader: ByteReader): AsyncGenerator<IffChunk> {
  const littleEndian = ascii(await reader.read(0, 4), 0, 4) === 'RIFF'
  let position = 12
  for (;;) {
    const head = await reader.read(position, 8)
    if (head.length < 8) return
    const length = viewOf(head).getUint32(4, littleEndian)
    const start = position + 8
    yield { id: ascii(head, 0, 4), start, end: Math.min(start + length, reader.size) }
    position = start + length + (length % 2)
  }
}
