import { interleave16, type Pcm } from '../audio/pcm.ts'

/** A 16-bit stereo RIFF/WAVE file without tags. */
export function encodeWav(pcm: Pcm): Buffer {
  const samples = Buffer.from(interleave16(pcm).buffer)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(2, 22)
  head.writeUInt32LE(pcm.sampleRate, 24)
  head.writeUInt32LE(pcm.sampleRate * 4, 28)
  head.writeUInt16LE(4, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}
