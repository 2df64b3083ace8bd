import { bytesReader, viewOf } from '../../contract/audio/byte-reader.ts'
import { iffChunks } from '../../contract/audio/iff-chunks.ts'
import { AppError } from '../../contract/errors.ts'
import { type LinearLayout, readLinear } from './linear-pcm.ts'
import type { Pcm } from './pcm.ts'

const INTEGER = 1
const FLOAT = 3
const EXTENSIBLE = 0xfffe

/** The sound of a RIFF/WAVE file (integer or 32-bit float samples). Throws `invalid-input` if it has none that is readable. */
export async function decodeWav(bytes: Uint8Array): Promise<Pcm> {
  let layout: LinearLayout | undefined
  for await (const { id, start, end } of iffChunks(bytesReader(bytes))) {
    if (id === 'fmt ') layout = readFormat(bytes.subarray(start, end))
    if (id === 'data' && layout !== undefined) return readLinear(bytes.subarray(start, end), layout)
  }
  throw new AppError('invalid-input', 'The WAV has no sound')
}

function readFormat(chunk: Uint8Array): LinearLayout | undefined {
  if (chunk.length < 16) return undefined
  const view = viewOf(chunk)
  const declared = view.getUint16(0, true)
  const code = declared === EXTENSIBLE && chunk.length >= 26 ? view.getUint16(24, true) : declared
  if (code !== INTEGER && code !== FLOAT) return undefined
  const bits = view.getUint16(14, true)
  return {
    channels: view.getUint16(2, true),
    sampleRate: view.getUint32(4, true),
    bits,
    encoding: code === FLOAT ? 'float' : bits === 8 ? 'unsigned' : 'signed',
    littleEndian: true,
  }
}
