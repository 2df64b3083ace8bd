import { MPEGDecoder } from 'mpg123-decoder'
import { AppError } from '../../contract/errors.ts'
import type { Pcm } from './pcm.ts'

/** The sound of an MP3 file. Throws `invalid-input` if it has none. */
export async function decodeMp3(bytes: Uint8Array): Promise<Pcm> {
  const decoder = new MPEGDecoder()
  await decoder.ready
  try {
    const { channelData, sampleRate } = decoder.decode(bytes)
    const [left, right = left] = channelData
    if (left === undefined || right === undefined || left.length === 0) {
      throw new AppError('invalid-input', 'The MP3 has no sound')
    }
    return { sampleRate, left, right }
  } finally {
    decoder.free()
  }
}
