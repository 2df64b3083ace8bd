import { bytesReader, viewOf } from '../../contract/audio/byte-reader.ts'
import { id3v2Length } from '../../contract/audio/id3-length.ts'
import { AppError } from '../../contract/errors.ts'
import { BitReader } from './bit-reader.ts'
import type { Pcm } from './pcm.ts'
import { readSubframe } from './read-flac-subframe.ts'

// RFC 9639; section numbers below are its own.
const SYNC = 0b111111111111100
const LEFT_SIDE = 8
const SIDE_RIGHT = 9
const MID_SIDE = 10

/** §8.2 */
interface StreamInfo {
  readonly sampleRate: number
  readonly channels: number
  readonly bits: number
  readonly samples: number
}

/** The sound of a FLAC file. Throws `invalid-input` if it has none; a file that ends early gives what it holds. */
export async function decodeFlac(bytes: Uint8Array): Promise<Pcm> {
  const { info, firstFrame } = readMetadata(bytes, (await id3v2Length(bytesReader(bytes))) + 4)
  const reader = new BitReader(bytes, firstFrame)
  const blocks: Int32Array[][] = []
  for (let done = 0; done < info.samples && !reader.atEnd; ) {
    const channels = readFrame(reader, info)
    if (channels === undefined) break
    blocks.push(channels)
    done += channels[0]?.length ?? 0
  }
  const left = join(blocks, 0, info.bits)
  return { sampleRate: info.sampleRate, left, right: info.channels > 1 ? join(blocks, 1, info.bits) : left }
}

function join(blocks: readonly Int32Array[][], channel: number, bits: number): Float32Array {
  const length = blocks.reduce((total, block) => total + (block[channel]?.length ?? 0), 0)
  const samples = new Float32Array(length)
  const scale = 2 ** (1 - bits)
  let at = 0
  for (const block of blocks) for (const sample of block[channel] ?? []) samples[at++] = sample * scale
  return samples
}

/** §8.1: STREAMINFO comes first; the block marked as last ends the metadata. */
function readMetadata(bytes: Uint8Array, start: number): { info: StreamInfo; firstFrame: number } {
  let info: StreamInfo | undefined
  let position = start
  for (let isLast = false; !isLast; ) {
    if (position + 4 > bytes.length) throw new AppError('invalid-input', 'The FLAC ends within its description')
    const header = viewOf(bytes).getUint32(position)
    isLast = header >= 0x80000000
    if (((header >>> 24) & 0x7f) === 0) info = readStreamInfo(bytes, position + 4)
    position += 4 + (header & 0xffffff)
  }
  if (info === undefined || info.samples === 0) throw new AppError('invalid-input', 'The FLAC has no sound')
  return { info, firstFrame: position }
}

function readStreamInfo(bytes: Uint8Array, start: number): StreamInfo {
  const reader = new BitReader(bytes, start + 10)
  const sampleRate = reader.read(20)
  const channels = reader.read(3) + 1
  const bits = reader.read(5) + 1
  return { sampleRate, channels, bits, samples: reader.read(4) * 2 ** 32 + reader.read(32) }
}

/** §9.1: a header, one subframe per channel, a checksum. `undefined` where no frame starts. */
function readFrame(reader: BitReader, info: StreamInfo): Int32Array[] | undefined {
  if (reader.read(15) !== SYNC) return undefined
  reader.read(1)
  const blockSizeCode = reader.read(4)
  const rateCode = reader.read(4)
  const assignment = reader.read(4)
  reader.read(4)
  skipCodedNumber(reader)
  const length = blockSize(reader, blockSizeCode)
  if (rateCode >= 12) reader.read(rateCode === 12 ? 8 : 16)
  reader.read(8)
  const count = assignment < 8 ? assignment + 1 : 2
  const channels = Array.from({ length: count }, (_, channel) =>
    readSubframe(reader, length, info.bits + (isSide(assignment, channel) ? 1 : 0)),
  )
  reader.alignToByte()
  reader.read(16)
  undoStereo(assignment, channels)
  return channels
}

/** §9.1.5: as long as the leading ones of its first byte say. */
function skipCodedNumber(reader: BitReader): void {
  const following = Math.clz32(~(reader.read(8) << 24)) - 1
  for (let index = 0; index < following; index++) reader.read(8)
}

/** §9.1.1 */
function blockSize(reader: BitReader, code: number): number {
  if (code === 1) return 192
  if (code >= 8) return 256 << (code - 8)
  if (code === 6) return reader.read(8) + 1
  if (code === 7) return reader.read(16) + 1
  return 576 << (code - 2)
}

function isSide(assignment: number, channel: number): boolean {
  return assignment === SIDE_RIGHT
    ? channel === 0
    : (assignment === LEFT_SIDE || assignment === MID_SIDE) && channel === 1
}

/** §9.1.3: the difference of two channels back into the channels. */
function undoStereo(assignment: number, [first, second]: Int32Array[]): void {
  if (assignment < LEFT_SIDE || first === undefined || second === undefined) return
  for (let at = 0; at < first.length; at++) {
    const a = first[at] ?? 0
    const b = second[at] ?? 0
    if (assignment === LEFT_SIDE) second[at] = a - b
    else if (assignment === SIDE_RIGHT) first[at] = a + b
    else {
      const sum = 2 * a + (b & 1)
      first[at] = (sum + b) >> 1
      second[at] = (sum - b) >> 1
    }
  }
}
