import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { interleave16 } from '../audio/pcm.ts'
import type { SoundRecipe } from './catalogue-types.ts'
import { GENRES, type GenreSlug } from './genres.ts'
import { integratedLoudness } from './synth/loudness.ts'
import { synthesize } from './synthesize.ts'

const genres = Object.keys(GENRES) as GenreSlug[]

function recipe(genre: GenreSlug, slug = 'a-test'): SoundRecipe {
  return { slug, genre, bpm: GENRES[genre].slowest, key: '8A', seconds: 16 }
}

function digest(some: SoundRecipe): string {
  return createHash('sha256')
    .update(interleave16(synthesize(some)))
    .digest('hex')
}

test('the same recipe gives the same samples, another one others', () => {
  expect(digest(recipe('house'))).toBe(digest(recipe('house')))
  expect(digest(recipe('house', 'another-test'))).not.toBe(digest(recipe('house')))
  expect(digest({ ...recipe('house'), key: '8B' })).not.toBe(digest(recipe('house')))
})

test.each(genres)('%s has its length, sounds in stereo, is as loud as all others, and never clips', (genre) => {
  const pcm = synthesize(recipe(genre))
  expect(pcm.left).toHaveLength(16 * 44_100)
  expect(pcm.left).not.toEqual(pcm.right)
  expect(integratedLoudness(pcm)).toBeGreaterThan(-12)
  expect(integratedLoudness(pcm)).toBeLessThan(-10)
  const peak = pcm.left.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  expect(peak).toBeGreaterThan(0.5)
  expect(peak).toBeLessThanOrEqual(0.95)
})

test('loudness is measured as the standard says: a full-scale tone of 997 Hz in one channel has -3.01 LUFS', () => {
  const left = Float32Array.from({ length: 5 * 44_100 }, (_, at) => Math.sin((2 * Math.PI * 997 * at) / 44_100))
  expect(integratedLoudness({ sampleRate: 44_100, left, right: new Float32Array(left.length) })).toBeCloseTo(-3.01, 1)
})
