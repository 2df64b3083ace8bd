import { interleave16, type Pcm } from '../audio/pcm.ts'

/** A 16-bit stereo AIFF file without tags. */
export function encodeAiff(pcm: Pcm): Buffer {
  const samples = Buffer.from(interleave16(pcm).buffer).swap16()
  const head = Buffer.alloc(54)
  head.write('FORM', 0, 'latin1')
  head.writeUInt32BE(46 + samples.length, 4)
  head.write('AIFFCOMM', 8, 'latin1')
  head.writeUInt32BE(18, 16)
  head.writeUInt16BE(2, 20)
  head.writeUInt32BE(pcm.left.length, 22)
  head.writeUInt16BE(16, 26)
  writeExtended(head, pcm.sampleRate, 28)
  head.write('SSND', 38, 'latin1')
  head.writeUInt32BE(8 + samples.length, 42)
  return Buffer.concat([head, samples])
}

/** A positive whole number as an 80-bit IEEE 754 number, the form of AIFF's sample rate. */
function writeExtended(head: Buffer, value: number, offset: number): void {
  const exponent = Math.floor(Math.log2(value))
  head.writeUInt16BE(16383 + exponent, offset)
  head.writeUInt32BE(value * 2 ** (31 - exponent), offset + 2)
}
