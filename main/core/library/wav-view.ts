import { iffChunks } from '../../../contract/audio/iff-chunks.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ByteReader } from './byte-reader.ts'

const HEADER = 44

/**
 * An AIFF file seen as a WAV file of the same samples, byte for byte addressable, because browsers play no AIFF. Nothing is converted but
 * the order of the bytes of a sample. Throws `not-found` for compressed sound.
 */
export async function wavView(aiff: ByteReader): Promise<ByteReader> {
  const chunks = await Array.fromAsync(iffChunks(aiff))
  const common = chunks.find(({ id }) => id === 'COMM')
  const sound = chunks.find(({ id }) => id === 'SSND')
  if (common === undefined || sound === undefined || common.end - common.start < 18) throw notPlayable()
  const facts = readCommon(await aiff.read(common.start, Math.min(common.end - common.start, 22)))
  const skipped = (await aiff.read(sound.start, 4)).readUInt32BE(0)
  const first = sound.start + 8 + skipped
  const frame = facts.channels * facts.sampleBytes
  const length = Math.max(0, Math.min(facts.frames, Math.floor((sound.end - first) / frame)) * frame)
  const header = wavHeader(facts, length)
  return {
    size: HEADER + length,
    async read(position, wanted) {
      const end = Math.min(position + wanted, HEADER + length)
      if (position >= end) return Buffer.alloc(0)
      const head = header.subarray(position, Math.min(end, HEADER))
      if (end <= HEADER) return head
      const start = Math.max(0, position - HEADER)
      return Buffer.concat([head, await samples(aiff, first, start, end - HEADER, facts)])
    },
  }
}

interface SoundFacts {
  readonly channels: number
  readonly frames: number
  readonly bits: number
  readonly sampleBytes: number
  readonly rate: number
  readonly isLittleEndian: boolean
}

/** AIFF 1.3 and AIFF-C: channels, frames, bits, an 80-bit rate, and in AIFF-C the compression. */
function readCommon(common: Buffer): SoundFacts {
  const compression = common.length >= 22 ? common.toString('latin1', 18, 22) : 'NONE'
  if (!['NONE', 'twos', 'sowt'].includes(compression)) throw notPlayable()
  const bits = common.readUInt16BE(6)
  const channels = common.readUInt16BE(0)
  if (channels === 0 || bits === 0 || bits > 32) throw notPlayable()
  const rate = Math.round(common.readUInt32BE(10) * 2 ** (common.readUInt16BE(8) - 16383 - 31))
  const sampleBytes = Math.ceil(bits / 8)
  return { channels, frames: common.readUInt32BE(2), bits, sampleBytes, rate, isLittleEndian: compression === 'sowt' }
}

function wavHeader({ channels, sampleBytes, rate }: SoundFacts, length: number): Buffer {
  const header = Buffer.alloc(HEADER)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(Math.min(HEADER - 8 + length, 0xffffffff), 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * channels * sampleBytes, 28)
  header.writeUInt16LE(channels * sampleBytes, 32)
  header.writeUInt16LE(sampleBytes * 8, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(Math.min(length, 0xffffffff), 40)
  return header
}

/** Bytes `start` up to `end` of the sound as WAV has them; a range may cut through samples. */
async function samples(
  aiff: ByteReader,
  first: number,
  start: number,
  end: number,
  { sampleBytes, isLittleEndian }: SoundFacts,
): Promise<Buffer> {
  const from = start - (start % sampleBytes)
  const to = Math.ceil(end / sampleBytes) * sampleBytes
  const bytes = await aiff.read(first + from, to - from)
  if (sampleBytes === 1) return flipSigns(bytes).subarray(start - from, end - from)
  if (!isLittleEndian) reverseSamples(bytes.subarray(0, bytes.length - (bytes.length % sampleBytes)), sampleBytes)
  return bytes.subarray(start - from, end - from)
}

function reverseSamples(bytes: Buffer, sampleBytes: number): void {
  if (sampleBytes === 2) bytes.swap16()
  else if (sampleBytes === 4) bytes.swap32()
  else for (let at = 0; at < bytes.length; at += sampleBytes) bytes.subarray(at, at + sampleBytes).reverse()
}

/** Eight bits are signed in AIFF and unsigned in WAV. */
function flipSigns(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0x80))
}

function notPlayable(): AppError {
  return new AppError('not-found', 'This file can not be played here')
}
