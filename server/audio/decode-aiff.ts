import { ascii, bytesReader, viewOf } from '../../contract/audio/byte-reader.ts'
import { iffChunks } from '../../contract/audio/iff-chunks.ts'
import { AppError } from '../../contract/errors.ts'
import { type LinearLayout, readLinear } from './linear-pcm.ts'
import type { Pcm } from './pcm.ts'

/** The sound of an AIFF file, or of an AIFF-C file that is not compressed. Throws `invalid-input` if it has none that is readable. */
export async function decodeAiff(bytes: Uint8Array): Promise<Pcm> {
  let layout: LinearLayout | undefined
  let samples: Uint8Array | undefined
  for await (const { id, start, end } of iffChunks(bytesReader(bytes))) {
    if (id === 'COMM') layout = readCommon(bytes.subarray(start, end))
    if (id === 'SSND') samples = readSoundData(bytes.subarray(start, end))
  }
  if (layout === undefined || samples === undefined) throw new AppError('invalid-input', 'The AIFF has no sound')
  return readLinear(samples, layout)
}

function readCommon(chunk: Uint8Array): LinearLayout | undefined {
  if (chunk.length < 18) return undefined
  const view = viewOf(chunk)
  const compression = chunk.length >= 22 ? ascii(chunk, 18, 4) : 'NONE'
  if (compression !== 'NONE' && compression !== 'sowt') return undefined
  return {
    channels: view.getUint16(0),
    bits: view.getUint16(6),
    sampleRate: extendedToNumber(view, 8),
    encoding: 'signed',
    littleEndian: compression === 'sowt',
  }
}

/** The samples start after two 32-bit numbers, of which the first says how much further. */
function readSoundData(chunk: Uint8Array): Uint8Array | undefined {
  return chunk.length < 8 ? undefined : chunk.subarray(8 + viewOf(chunk).getUint32(0))
}

/** An 80-bit IEEE 754 number, the form of AIFF's sample rate; only positive ones occur. */
function extendedToNumber(view: DataView, offset: number): number {
  const exponent = view.getUint16(offset) & 0x7fff
  return (view.getUint32(offset + 2) * 2 ** 32 + view.getUint32(offset + 6)) * 2 ** (exponent - 16383 - 63)
}
