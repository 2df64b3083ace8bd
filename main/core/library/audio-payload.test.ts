import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { audioSha256 } from './audio-payload.ts'
import type { ByteReader } from './byte-reader.ts'

function reading(bytes: Buffer): ByteReader {
  return { size: bytes.length, read: async (position, length) => bytes.subarray(position, position + length) }
}

function chunk(id: string, body: Buffer, order: 'LE' | 'BE'): Buffer {
  const head = Buffer.alloc(8)
  head.write(id, 'latin1')
  if (order === 'LE') head.writeUInt32LE(body.length, 4)
  else head.writeUInt32BE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

function form(mark: string, kind: string, order: 'LE' | 'BE', ...chunks: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(kind), ...chunks])
  return chunk(mark, body, order)
}

function id3(length: number): Buffer {
  const head = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, length >> 7, length & 127])
  return Buffer.concat([head, Buffer.alloc(length, 7)])
}

const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex')
const FRAMES = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0]), Buffer.alloc(400, 5)])
const FORMAT = Buffer.from('format of the sound')
const SOUND = Buffer.from('sound sound sound')

describe('R-DC-23: the hash of the sound alone', () => {
  const id3v1 = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)])
  const ape = (() => {
    const footer = Buffer.alloc(32)
    footer.write('APETAGEX', 'latin1')
    footer.writeUInt32LE(32 + 10, 12)
    footer.writeUInt32LE(0x80000000, 20)
    return Buffer.concat([Buffer.alloc(32 + 10, 3), footer])
  })()

  it.each([
    ['no tag', FRAMES],
    ['ID3v2', Buffer.concat([id3(300), FRAMES])],
    ['two ID3v2', Buffer.concat([id3(20), id3(200), FRAMES])],
    ['ID3v1', Buffer.concat([FRAMES, id3v1])],
    ['APEv2 and ID3v1', Buffer.concat([id3(9), FRAMES, ape, id3v1])],
  ])('MP3 with %s', async (_, bytes) => {
    expect(await audioSha256(reading(bytes))).toBe(sha256(FRAMES))
  })

  it('WAV: the same whatever chunks are around and wherever they stand', async () => {
    const format = chunk('fmt ', FORMAT, 'LE')
    const data = chunk('data', SOUND, 'LE')
    const extra = chunk('LIST', Buffer.from('odd'), 'LE')
    for (const chunks of [
      [format, data],
      [extra, format, extra, data, extra],
    ]) {
      expect(await audioSha256(reading(form('RIFF', 'WAVE', 'LE', ...chunks)))).toBe(sha256(FORMAT, SOUND))
    }
  })

  it('AIFF: COMM before SSND, however they stand', async () => {
    const common = chunk('COMM', FORMAT, 'BE')
    const sound = chunk('SSND', SOUND, 'BE')
    expect(await audioSha256(reading(form('FORM', 'AIFF', 'BE', sound, common)))).toBe(sha256(FORMAT, SOUND))
  })

  it('FLAC: STREAMINFO and frames, not the other blocks', async () => {
    const block = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type, 0, 0, body.length]), body])
    const info = Buffer.alloc(34, 9)
    const one = Buffer.concat([Buffer.from('fLaC'), block(0x80, info), SOUND])
    const other = Buffer.concat([
      id3(30),
      Buffer.from('fLaC'),
      block(0, info),
      block(4, FORMAT),
      block(0x81, FORMAT),
      SOUND,
    ])
    expect(await audioSha256(reading(one))).toBe(sha256(info, SOUND))
    expect(await audioSha256(reading(other))).toBe(sha256(info, SOUND))
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('this is no music at all, sorry')],
    ['a page', Buffer.from('<html></html>')],
    ['half an ID3 tag', id3(300).subarray(0, 40)],
  ])('%s has none', async (_, bytes) => {
    expect(await audioSha256(reading(bytes))).toBeNull()
  })

  it('a chunk that claims more than there is ends with the file', async () => {
    const whole = form('RIFF', 'WAVE', 'LE', chunk('fmt ', FORMAT, 'LE'), chunk('data', SOUND, 'LE'))
    const cut = whole.subarray(0, whole.length - 5)
    expect(await audioSha256(reading(cut))).toBe(sha256(FORMAT, SOUND.subarray(0, SOUND.length - 4)))
  })
})
