import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { encodeAiff } from '../seed/encode-aiff.ts'
import { encodeFlac } from '../seed/encode-flac.ts'
import { encodeWav } from '../seed/encode-wav.ts'
import { decodeAudio } from './decode-audio.ts'
import { encodeMp3 } from './encode-mp3.ts'
import { largestDifference, testTone } from './test-tone.ts'

const tone = testTone(1.5)
const HALF_STEP = 0.6 / 32768 + 0.5 / 32767

test.each([
  ['WAV', encodeWav],
  ['AIFF', encodeAiff],
  ['FLAC', encodeFlac],
])('%s gives back every sample', async (_name, encode) => {
  const sound = await decodeAudio(encode(tone))
  expect(sound.sampleRate).toBe(44_100)
  expect(sound.left).toHaveLength(tone.left.length)
  expect(largestDifference(sound.left, tone.left)).toBeLessThan(HALF_STEP * 2)
  expect(largestDifference(sound.right, tone.right)).toBeLessThan(HALF_STEP * 2)
})

test('MP3 gives back the length, and a tone as loud as it was', async () => {
  const sound = await decodeAudio(await encodeMp3(tone, 320))
  const power = (samples: Float32Array): number =>
    Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length)
  expect(Math.abs(sound.left.length - tone.left.length)).toBeLessThan(44_100 * 0.1)
  expect(power(sound.left)).toBeCloseTo(power(tone.left), 1)
})

test('FLAC from the reference encoder, with linear prediction, is read', async () => {
  const sound = await decodeAudio(await readFile(new URL('./fixtures/predicted.flac', import.meta.url)))
  const expected = Float32Array.from(
    { length: 2000 },
    (_, at) => Math.round(9000 * Math.sin(at * 0.11) + 3000 * Math.sin(at * 0.37)) / 32768,
  )
  expect(sound.left).toEqual(expected)
})

test('other WAV layouts are read: mono, 8 and 24 bits, 32-bit floats', async () => {
  const wav = (code: number, bits: number, data: Buffer): Buffer => {
    const head = encodeWav({ sampleRate: 8000, left: new Float32Array(0), right: new Float32Array(0) })
    head.writeUInt16LE(code, 20)
    head.writeUInt16LE(1, 22)
    head.writeUInt16LE(bits, 34)
    head.writeUInt32LE(data.length, 40)
    return Buffer.concat([head, data])
  }
  const floats = Buffer.alloc(8)
  floats.writeFloatLE(0.25, 0)
  floats.writeFloatLE(-0.5, 4)
  expect((await decodeAudio(wav(1, 8, Buffer.from([192, 64])))).left).toEqual(Float32Array.of(0.5, -0.5))
  expect((await decodeAudio(wav(1, 24, Buffer.from([0, 0, 0x40, 0, 0, 0xc0])))).right).toEqual(
    Float32Array.of(0.5, -0.5),
  )
  expect((await decodeAudio(wav(3, 32, floats))).left).toEqual(Float32Array.of(0.25, -0.5))
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a text', Buffer.from('This is not music, whatever it is called.')],
  ['a WAV header alone', encodeWav(tone).subarray(0, 20)],
  ['a FLAC mark alone', Buffer.from('fLaC')],
  ['an AIFF without samples', encodeAiff(tone).subarray(0, 38)],
])('%s is refused', async (_name, bytes) => {
  await expect(decodeAudio(bytes)).rejects.toMatchObject({ code: 'invalid-input' })
})
