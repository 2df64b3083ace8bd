import { bytesReader } from '../../contract/audio/byte-reader.ts'
import { sniffFormat } from '../../contract/audio/sniff-format.ts'
import { AppError } from '../../contract/errors.ts'
import { decodeAiff } from './decode-aiff.ts'
import { decodeFlac } from './decode-flac.ts'
import { decodeMp3 } from './decode-mp3.ts'
import { decodeWav } from './decode-wav.ts'
import type { Pcm } from './pcm.ts'

/** The sound of an MP3, FLAC, WAV or AIFF file; mono comes back as two equal channels. Throws `invalid-input` for anything else. */
export async function decodeAudio(bytes: Uint8Array): Promise<Pcm> {
  const format = await sniffFormat(bytesReader(bytes))
  switch (format) {
    case 'mp3':
      return decodeMp3(bytes)
    case 'flac':
      return decodeFlac(bytes)
    case 'wav':
      return decodeWav(bytes)
    case 'aiff':
      return decodeAiff(bytes)
    case null:
      throw new AppError('invalid-input', 'The file is no MP3, FLAC, WAV or AIFF')
  }
}
