import { parseBuffer } from 'music-metadata'
import { expect, test } from 'vitest'
import type { Pcm } from './pcm.ts'
import { peaksOf } from './peaks.ts'
import { cutPreview, makePreview } from './preview.ts'
import { testTone } from './test-tone.ts'

const sampleRate = 8000
const quiet = testTone(60, sampleRate)

/** A minute that is four times as loud between its seconds 20 and 50. */
function withLoudMiddle(): Pcm {
  const louder = (samples: Float32Array): Float32Array =>
    samples.map((value, at) => (at >= 20 * sampleRate && at < 50 * sampleRate ? value : value / 4))
  return { sampleRate, left: louder(quiet.left), right: louder(quiet.right) }
}

test('a preview is the loudest half minute, faded in and out over a second', () => {
  const track = withLoudMiddle()
  const { left } = cutPreview(track)
  expect(left).toHaveLength(30 * sampleRate)
  expect(left[0]).toBeCloseTo(0, 9)
  expect(left.at(-1)).toBeCloseTo(0, 9)
  expect(left.subarray(sampleRate, 29 * sampleRate)).toEqual(track.left.subarray(21 * sampleRate, 49 * sampleRate))
  expect(left[sampleRate / 2]).toBeCloseTo((track.left[20.5 * sampleRate] ?? 0) / 2)
})

test('a short track is its own preview', () => {
  expect(cutPreview(testTone(6)).left).toHaveLength(6 * 44_100)
})

test('R-MM-18: a preview is an MP3 of 30 s at 96 kbps', async () => {
  const { format } = await parseBuffer(await makePreview(testTone(40)), { mimeType: 'audio/mpeg' })
  expect(format).toMatchObject({ container: 'MPEG', bitrate: 96_000, numberOfChannels: 2 })
  expect(format.duration).toBeCloseTo(30, 0)
})

test('peaks are 1800 pairs of lowest and highest sample', () => {
  const left = new Float32Array(18_000)
  left.fill(0.5, 9000, 9010)
  left.fill(-1, 17_990)
  const peaks = new Int8Array(peaksOf({ sampleRate, left, right: left }).buffer)
  expect(peaks).toHaveLength(3600)
  expect([...peaks.subarray(1800, 1804)]).toEqual([0, 64, 0, 0])
  expect([...peaks.subarray(3596)]).toEqual([0, 0, -127, 0])
})
