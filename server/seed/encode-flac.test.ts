import { createHash } from 'node:crypto'
import { parseBuffer } from 'music-metadata'
import { expect, test } from 'vitest'
import { decodeFlac } from '../audio/decode-flac.ts'
import { interleave16, type Pcm } from '../audio/pcm.ts'
import { testTone } from '../audio/test-tone.ts'
import { encodeFlac } from './encode-flac.ts'

const SAMPLE_RATE = 44_100

/** Samples that 16 bits can hold exactly, so that a round trip gives back the very numbers. */
function exact(samples: readonly number[]): Pcm {
  const left = Float32Array.from(samples, (sample) => sample / 32767)
  return { sampleRate: SAMPLE_RATE, left, right: left.toReversed() }
}

const extremes = Array.from({ length: 5000 }, (_, at) => (at % 3 === 0 ? 32767 : at % 3 === 1 ? -32768 : 0))

test.each([
  ['a tone', testTone(0.7)],
  ['silence', exact(Array.from({ length: 9000 }, () => 0))],
  ['jumps between the extremes', exact(extremes)],
  ['a single sample', exact([123])],
  ['seven samples', exact([1, -2, 3, -4, 5, -6, 7])],
  ['a last block that does not divide', exact(Array.from({ length: 4096 + 13 }, (_, at) => (at * 7919) % 20_000))],
])('%s comes back bit for bit', async (_name, pcm) => {
  const decoded = await decodeFlac(encodeFlac(pcm))
  const samples = interleave16(pcm)
  expect(decoded.left).toEqual(Float32Array.from(pcm.left, (_, at) => (samples[2 * at] ?? 0) / 32768))
  expect(decoded.right).toEqual(Float32Array.from(pcm.right, (_, at) => (samples[2 * at + 1] ?? 0) / 32768))
})

test('the description gives length, rate and the MD5 of the samples, and the file is smaller than a WAV', async () => {
  const pcm = testTone(2)
  const flac = encodeFlac(pcm)
  const { format } = await parseBuffer(flac, { mimeType: 'audio/flac' })
  const md5 = createHash('md5').update(interleave16(pcm)).digest()
  expect(format).toMatchObject({
    container: 'FLAC',
    sampleRate: 44_100,
    bitsPerSample: 16,
    numberOfChannels: 2,
    duration: 2,
  })
  expect(flac.subarray(26, 42)).toEqual(md5)
  expect(flac.length).toBeLessThan(2 * 44_100 * 4 * 0.85)
})
