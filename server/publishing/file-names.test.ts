import { describe, expect, it } from 'vitest'
import { downloadName } from './file-names.ts'

describe('downloadName', () => {
  it('names artist, title and ending', () => {
    expect(downloadName({ artist: 'Anaya Rao', title: 'Gulmohar (Dub)' }, 'mp3')).toBe('Anaya Rao - Gulmohar (Dub).mp3')
  })
  it('numbers tracks of a pack', () => {
    expect(downloadName({ artist: 'A', title: 'B' }, 'flac', 3)).toBe('03 A - B.flac')
  })
  it('leaves no sign in it that a path or a shell would read', () => {
    expect(downloadName({ artist: '../AC/DC', title: 'a\\b: "c"?\u0007\u202e*' }, 'wav')).toBe('.. AC DC - a b c.wav')
  })
  it('fits into 255 bytes, cut between characters', () => {
    const name = downloadName({ artist: 'Ş', title: '🎧'.repeat(100) }, 'aiff')
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(190)
    expect(name).not.toContain('\ufffd')
    expect(name.endsWith('🎧.aiff')).toBe(true)
  })
})
