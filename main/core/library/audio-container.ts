import type { AudioFormat } from '../../../contract/values.ts'
import type { ByteReader } from './byte-reader.ts'

const ID3_HEADER = 10

/** Bytes of all ID3v2 tags that stand one after another at the start of the file (ID3v2.4 §3.1); 0 if there is none. */
export async function id3v2Length(reader: ByteReader): Promise<number> {
  let end = 0
  for (;;) {
    const head = await reader.read(end, ID3_HEADER)
    if (head.length < ID3_HEADER || head.toString('latin1', 0, 3) !== 'ID3') return end
    const hasFooter = (head.readUInt8(5) & 0x10) !== 0
    // Four bytes of seven bits each.
    const length = [6, 7, 8, 9].reduce((value, index) => value * 128 + (head.readUInt8(index) & 0x7f), 0)
    end += ID3_HEADER + length + (hasFooter ? ID3_HEADER : 0)
  }
}

/** The format that the bytes themselves show, whatever the file is called; null if it is none of the four. */
export async function sniffFormat(reader: ByteReader): Promise<AudioFormat | null> {
  const head = await reader.read(await id3v2Length(reader), 12)
  const mark = head.toString('latin1', 0, 4)
  const kind = head.toString('latin1', 8, 12)
  if (mark === 'fLaC') return 'flac'
  if (mark === 'RIFF' && kind === 'WAVE') return 'wav'
  if (mark === 'FORM' && (kind === 'AIFF' || kind === 'AIFC')) return 'aiff'
  return isLayer3Frame(head) ? 'mp3' : null
}

/** ISO/IEC 11172-3 §2.4.1.3: eleven sync bits, layer III, neither a reserved version nor a reserved rate. */
function isLayer3Frame([first = 0, second = 0, third = 0]: Buffer): boolean {
  const version = (second >> 3) & 3
  const layer = (second >> 1) & 3
  return (
    first === 0xff && second >> 5 === 7 && version !== 1 && layer === 1 && third >> 4 !== 15 && ((third >> 2) & 3) !== 3
  )
}

export interface IffChunk {
  readonly id: string
  /** Where the content starts, after the chunk's own header. */
  readonly start: number
  /** Where the content ends; never beyond the file, even if the header says so. */
  readonly end: number
}

/** The chunks of a RIFF (little-endian) or FORM (big-endian) file in the order in which they stand, each padded to an even length. */
export async function iffChunks(reader: ByteReader): Promise<IffChunk[]> {
  const isLittleEndian = (await reader.read(0, 4)).toString('latin1') === 'RIFF'
  const chunks: IffChunk[] = []
  for (let position = 12; ; ) {
    const head = await reader.read(position, 8)
    if (head.length < 8) return chunks
    const length = isLittleEndian ? head.readUInt32LE(4) : head.readUInt32BE(4)
    const start = position + 8
    chunks.push({ id: head.toString('latin1', 0, 4), start, end: Math.min(start + length, reader.size) })
    position = start + length + (length % 2)
  }
}
