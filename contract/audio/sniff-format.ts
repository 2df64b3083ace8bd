import type { AudioFormat } from '../values.ts'
import { ascii, type ByteReader } from './byte-reader.ts'
import { id3v2Length } from './id3-length.ts'

/** The format that the bytes themselves show, whatever the file is called; null if it is none of the four. */
export async function sniffFormat(reader: ByteReader): Promise<AudioFormat | null> {
  const start = await id3v2Length(reader)
  const head = await reader.read(start, 12)
  const mark = ascii(head, 0, 4)
  if (mark === 'fLaC') return 'flac'
  if (mark === 'RIFF' && ascii(head, 8, 4) === 'WAVE') return 'wav'
  if (mark === 'FORM' && /^AIF[FC]$/.test(ascii(head, 8, 4))) return 'aiff'
  return isLayer3Frame(head) ? 'mp3' : null
}

/** ISO/IEC 11172-3 §2.4.1.3: eleven sync bits, layer III, neither a reserved version nor a reserved rate. */
function isLayer3Frame(head: Uint8Array): boolean {
  const [first = 0, second = 0, third = 0] = head
  const version = (second >> 3) & 3
  const layer = (second >> 1) & 3
  const bitrate = third >> 4
  const rate = (third >> 2) & 3
  return first === 0xff && second >> 5 === 7 && version !== 1 && layer === 1 && bitrate !== 15 && rate !== 3
}
