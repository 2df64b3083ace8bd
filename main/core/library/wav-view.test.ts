import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteReader } from './byte-reader.ts'
import { wavView } from './wav-view.ts'

interface Sound {
  readonly bits: number
  readonly channels: number
  readonly compression?: string
  /** As they stand in the file. */
  readonly samples: Buffer
  /** Bytes in front of the first sample that the sound chunk says to skip. */
  readonly skipped?: number
}

function chunk(id: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(id, 'latin1')
  head.writeUInt32BE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

/** An AIFF of 44,100 Hz, by the letter of AIFF 1.3 and AIFF-C. */
function aiff({ bits, channels, compression, samples, skipped = 0 }: Sound): Buffer {
  const common = Buffer.alloc(compression === undefined ? 18 : 24)
  common.writeUInt16BE(channels, 0)
  common.writeUInt32BE(samples.length / (channels * Math.ceil(bits / 8)), 2)
  common.writeUInt16BE(bits, 6)
  common.writeUInt16BE(0x400e, 8)
  common.writeUInt32BE(0xac440000, 10)
  if (compression !== undefined) common.write(compression, 18, 'latin1')
  const place = Buffer.alloc(8)
  place.writeUInt32BE(skipped, 0)
  const sound = Buffer.concat([place, Buffer.alloc(skipped), samples])
  const kind = Buffer.from(compression === undefined ? 'AIFF' : 'AIFC')
  return chunk(
    'FORM',
    Buffer.concat([kind, chunk('NAME', Buffer.from('odd')), chunk('COMM', common), chunk('SSND', sound)]),
  )
}

function reading(bytes: Buffer): ByteReader {
  return {
    size: bytes.length,
    read: async (position, length) => Buffer.from(bytes.subarray(position, position + length)),
  }
}

async function wavOf(sound: Sound): Promise<Buffer> {
  const view = await wavView(reading(aiff(sound)))
  return await view.read(0, view.size)
}

describe('R-DC-23: an AIFF heard as a WAV', () => {
  it.each<[string, Sound, number[]]>([
    ['16 bits', { bits: 16, channels: 1, samples: Buffer.from([1, 2, 3, 4]) }, [2, 1, 4, 3]],
    ['24 bits', { bits: 24, channels: 2, samples: Buffer.from([1, 2, 3, 4, 5, 6]) }, [3, 2, 1, 6, 5, 4]],
    ['32 bits', { bits: 32, channels: 1, samples: Buffer.from([1, 2, 3, 4]) }, [4, 3, 2, 1]],
    [
      '8 bits, signed there and not here',
      { bits: 8, channels: 1, samples: Buffer.from([0, 0x80, 0x7f]) },
      [0x80, 0, 0xff],
    ],
    ['little-endian already', { bits: 16, channels: 1, compression: 'sowt', samples: Buffer.from([1, 2]) }, [1, 2]],
    ['an offset to the first sample', { bits: 16, channels: 1, samples: Buffer.from([1, 2]), skipped: 6 }, [2, 1]],
  ])('%s', async (_, sound, samples) => {
    const wav = await wavOf(sound)
    expect([...wav.subarray(44)]).toEqual(samples)
    expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ')
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8)
    expect(wav.readUInt16LE(22)).toBe(sound.channels)
    expect(wav.readUInt32LE(24)).toBe(44_100)
    expect(wav.readUInt16LE(34)).toBe(sound.bits)
    expect(wav.readUInt32LE(40)).toBe(samples.length)
  })

  it('answers any range as the same range of the whole', async () => {
    const samples = Buffer.from(Array.from({ length: 96 }, (_, index) => index))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(8, 16, 24, 32),
        fc.constantFrom(1, 2),
        fc.nat(160),
        fc.integer({ min: 1, max: 160 }),
        async (bits, channels, position, length) => {
          const view = await wavView(reading(aiff({ bits, channels, samples })))
          const whole = await view.read(0, view.size)
          const part = await view.read(position, length)
          expect(part.equals(whole.subarray(position, position + length))).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('a file that is cut ends with its last whole frame', async () => {
    const bytes = aiff({ bits: 16, channels: 2, samples: Buffer.alloc(40) })
    const view = await wavView(reading(bytes.subarray(0, bytes.length - 3)))
    expect(view.size).toBe(44 + 36)
  })

  it.each([
    ['compressed sound', aiff({ bits: 16, channels: 1, compression: 'ima4', samples: Buffer.alloc(4) })],
    ['no sound at all', chunk('FORM', Buffer.from('AIFF'))],
  ])('refuses %s', async (_, bytes) => {
    await expect(wavView(reading(bytes))).rejects.toMatchObject({ code: 'not-found' })
  })
})
