import { createHash } from 'node:crypto'
import { interleave16, type Pcm } from '../audio/pcm.ts'
import { BitWriter } from './bit-writer.ts'
import { crc8, crc16 } from './flac-crc.ts'
import { planSubframe, type SubframePlan, writeSubframe } from './write-flac-subframe.ts'

// RFC 9639; section numbers below are its own.
const BLOCK = 4096
const BITS = 16
const LEFT_RIGHT = 1
const LEFT_SIDE = 8
const MID_SIDE = 10

/** A 16-bit stereo FLAC file without tags: fixed predictors, Rice codes, the MD5 of the samples in its description. */
export function encodeFlac(pcm: Pcm): Buffer {
  const samples = interleave16(pcm)
  const count = pcm.left.length
  const frames: Buffer[] = []
  const writer = new BitWriter(BLOCK * 4)
  for (let start = 0; start < count; start += BLOCK) {
    writer.clear()
    writeFrame(writer, frames.length, split(samples, start, Math.min(BLOCK, count - start)))
    frames.push(Buffer.from(writer.bytes))
  }
  return Buffer.concat([streamInfo(pcm.sampleRate, count, samples, frames), ...frames])
}

/** §8.1 and §8.2: the mark, and the one block of description. */
function streamInfo(sampleRate: number, count: number, samples: Int16Array, frames: readonly Buffer[]): Buffer {
  const sizes = frames.map((frame) => frame.length)
  const writer = new BitWriter(64)
  for (const mark of Buffer.from('fLaC')) writer.write(mark, 8)
  writer.write(0x80, 8)
  writer.write(34, 24)
  writer.write(BLOCK, 16)
  writer.write(BLOCK, 16)
  writer.write(
    sizes.reduce((least, size) => Math.min(least, size), 0xffffff),
    24,
  )
  writer.write(
    sizes.reduce((most, size) => Math.max(most, size), 0),
    24,
  )
  writer.write(sampleRate, 20)
  writer.write(2 - 1, 3)
  writer.write(BITS - 1, 5)
  writer.write(0, 4)
  writer.write(count, 32)
  const digest = createHash('md5').update(Buffer.from(samples.buffer)).digest()
  return Buffer.concat([writer.bytes, digest])
}

interface StereoBlock {
  readonly left: Int32Array
  readonly right: Int32Array
  readonly mid: Int32Array
  readonly side: Int32Array
}

function split(samples: Int16Array, start: number, length: number): StereoBlock {
  const block = {
    left: new Int32Array(length),
    right: new Int32Array(length),
    mid: new Int32Array(length),
    side: new Int32Array(length),
  }
  for (let at = 0; at < length; at++) {
    const left = samples[2 * (start + at)] ?? 0
    const right = samples[2 * (start + at) + 1] ?? 0
    block.left[at] = left
    block.right[at] = right
    block.mid[at] = (left + right) >> 1
    block.side[at] = left - right
  }
  return block
}

/** §9.1 and §9.3: header with its checksum, two subframes, checksum of the frame. */
function writeFrame(writer: BitWriter, number: number, block: StereoBlock): void {
  const { assignment, subframes } = cheapestStereo(block)
  writer.write(0b1111111111111000, 16)
  writer.write(0b0111, 4)
  writer.write(0b0000, 4)
  writer.write(assignment, 4)
  writer.write(0b0000, 4)
  writeCodedNumber(writer, number)
  writer.write(block.left.length - 1, 16)
  writer.write(crc8(writer.bytes), 8)
  for (const subframe of subframes) writeSubframe(writer, subframe)
  writer.alignToByte()
  writer.write(crc16(writer.bytes), 16)
}

function cheapestStereo(block: StereoBlock): { assignment: number; subframes: readonly SubframePlan[] } {
  const left = planSubframe(block.left, BITS)
  const right = planSubframe(block.right, BITS)
  const mid = planSubframe(block.mid, BITS)
  const side = planSubframe(block.side, BITS + 1)
  const ways = [
    { assignment: LEFT_RIGHT, subframes: [left, right] },
    { assignment: LEFT_SIDE, subframes: [left, side] },
    { assignment: MID_SIDE, subframes: [mid, side] },
  ]
  const cost = (way: { subframes: readonly SubframePlan[] }): number =>
    way.subframes.reduce((total, subframe) => total + subframe.bits, 0)
  return ways.reduce((best, way) => (cost(way) < cost(best) ? way : best))
}

/** §9.1.5: the form of UTF-8; frame numbers here stay below 2^16. */
function writeCodedNumber(writer: BitWriter, value: number): void {
  if (value < 0x80) writer.write(value, 8)
  else if (value < 0x800) writer.write(0xc080 | ((value >> 6) << 8) | (value & 0x3f), 16)
  else writer.write(0xe08080 | ((value >> 12) << 16) | (((value >> 6) & 0x3f) << 8) | (value & 0x3f), 24)
}
