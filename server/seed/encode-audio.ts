import type { AudioFormat } from '../../contract/values.ts'
import { encodeMp3 } from '../audio/encode-mp3.ts'
import type { Pcm } from '../audio/pcm.ts'
import { encodeAiff } from './encode-aiff.ts'
import { encodeFlac } from './encode-flac.ts'
import { encodeWav } from './encode-wav.ts'

const MASTER_BITRATE = 320

/** Sound written in a format for sale: MP3 at 320 kbps, the others with 16 bits, none with tags. */
export async function encodeAudio(pcm: Pcm, format: AudioFormat): Promise<Uint8Array> {
  switch (format) {
    case 'mp3':
      return encodeMp3(pcm, MASTER_BITRATE)
    case 'flac':
      return encodeFlac(pcm)
    case 'wav':
      return encodeWav(pcm)
    case 'aiff':
      return encodeAiff(pcm)
  }
}
