import { viewOf } from '../../contract/audio/byte-reader.ts'
import { AppError } from '../../contract/errors.ts'
import type { Pcm } from './pcm.ts'

/** How the samples of a WAV or AIFF file are written down. */
export interface LinearLayout {
  readonly sampleRate: number
  readonly channels: number
  readonly bits: number
  readonly encoding: 'unsigned' | 'signed' | 'float'
  readonly littleEndian: boolean
}

/** The first two channels of interleaved samples. Throws `invalid-input` for a layout that is not read here. */
export function readLinear(bytes: Uint8Array, layout: LinearLayout): Pcm {
  const { channels, bits, sampleRate } = layout
  const readSample = sampleReader(viewOf(bytes), layout)
  if (readSample === undefined || channels < 1 || sampleRate <= 0) {
    throw new AppError('invalid-input', 'The samples are written in a way that is not supported', { ...layout })
  }
  const width = bits / 8
  const count = Math.floor(bytes.length / (width * channels))
  const channel = (index: number): Float32Array => {
    const samples = new Float32Array(count)
    for (let at = 0; at < count; at++) samples[at] = readSample((at * channels + index) * width)
    return samples
  }
  const left = channel(0)
  return { sampleRate, left, right: channels > 1 ? channel(1) : left }
}

type SampleReader = (offset: number) => number

function sampleReader(view: DataView, layout: LinearLayout): SampleReader | undefined {
  const { littleEndian } = layout
  switch (`${layout.encoding} ${layout.bits}`) {
    case 'unsigned 8':
      return (offset) => (view.getUint8(offset) - 128) / 128
    case 'signed 8':
      return (offset) => view.getInt8(offset) / 128
    case 'signed 16':
      return (offset) => view.getInt16(offset, littleEndian) / 32768
    case 'signed 24':
      return littleEndian
        ? (offset) => (view.getInt8(offset + 2) * 65536 + view.getUint16(offset, true)) / 8388608
        : (offset) => (view.getInt8(offset) * 65536 + view.getUint16(offset + 1)) / 8388608
    case 'signed 32':
      return (offset) => view.getInt32(offset, littleEndian) / 2147483648
    case 'float 32':
      return (offset) => view.getFloat32(offset, littleEndian)
    default:
      return undefined
  }
}
