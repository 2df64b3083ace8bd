import { expect, test } from 'vitest'
import { formatHere, formatWord } from './format-words.ts'

test('DL14: the format that is here is that of the file, whatever its ending is written like', () => {
  const here = (fileName: string | null) => formatHere({ fileName })
  expect(['a.MP3', 'a.b.flac', 'a.wave', 'a.aif', 'a.aiff'].map(here)).toEqual(['mp3', 'flac', 'wav', 'aiff', 'aiff'])
  expect([null, 'mp3', 'a.mp3.part', 'a.'].map(here)).toEqual([null, null, null, null])
  expect(formatHere(null)).toBeNull()
  expect(formatWord({ format: 'wav', sizeBytes: 63_000_000, isMaster: true })).toBe('WAV, 63.0 MB')
})
