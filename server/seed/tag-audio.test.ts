import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFile } from 'music-metadata'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bytesReader } from '../../contract/audio/byte-reader.ts'
import type { AudioFormat } from '../../contract/values.ts'
import { audioSha256, audioSha256OfFile } from '../audio/audio-payload.ts'
import { testTone } from '../audio/test-tone.ts'
import { renderCover } from './cover.ts'
import { encodeAudio } from './encode-audio.ts'
import { tagAudioFile } from './tag-audio.ts'

const formats = ['mp3', 'flac', 'wav', 'aiff'] as const satisfies readonly AudioFormat[]
const cover = renderCover({ family: 'tiles', seed: 'a test', edition: 0, title: 'Gece', artist: 'Ayşe' })
const tags = {
  title: '夜明け – Gece',
  artist: 'Ayşe Öztürk',
  album: 'İki',
  genre: 'Dub Techno',
  year: 2026,
  bpm: 121,
  key: '5A',
  cover,
}
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mixmint-tags-'))
})

afterEach(() => rm(folder, { recursive: true }))

async function fileOf(format: AudioFormat): Promise<string> {
  const path = join(folder, `tone.${format}`)
  await writeFile(path, await encodeAudio(testTone(3), format))
  return path
}

test.each(formats)('R-MM-18: a tagged %s says what it is, and how long', async (format) => {
  const path = await fileOf(format)
  tagAudioFile(path, tags)
  const { common, format: container } = await parseFile(path, { duration: true })
  expect(common).toMatchObject({
    title: tags.title,
    artist: tags.artist,
    album: tags.album,
    genre: [tags.genre],
    bpm: 121,
    key: '5A',
  })
  expect(Buffer.from(common.picture?.[0]?.data ?? []).equals(cover)).toBe(true)
  expect(container.duration).toBeCloseTo(3, 0)
  expect(container.sampleRate).toBe(44_100)
})

test.each(formats)('the payload hash of a %s survives new tags, and only those', async (format) => {
  const path = await fileOf(format)
  const before = await audioSha256OfFile(path)
  expect(before).toMatch(/^[0-9a-f]{64}$/)
  tagAudioFile(path, tags)
  expect(await audioSha256OfFile(path)).toBe(before)
  tagAudioFile(path, {
    ...tags,
    title: 'A much longer title than the one before it '.repeat(40),
    cover: cover.subarray(0, 9),
  })
  expect(await audioSha256OfFile(path)).toBe(before)

  const bytes = await readFile(path)
  const inTheSound = format === 'aiff' ? 5000 : bytes.length - 5000
  const damagedAt = format === 'wav' ? 60_000 : inTheSound
  bytes.writeUInt8(bytes.readUInt8(damagedAt) ^ 1, damagedAt)
  expect(await audioSha256(bytesReader(bytes))).not.toBe(before)
})

test('tags of other kinds around an MP3 are no part of its sound', async () => {
  const bytes = await readFile(await fileOf('mp3'))
  const ape = Buffer.alloc(64)
  ape.write('APETAGEX', 0, 'latin1')
  ape.write('APETAGEX', 32, 'latin1')
  ape.writeUInt32LE(32, 44)
  ape.writeUInt32LE(0x80000000, 52)
  const id3v1 = Buffer.alloc(128, 0)
  id3v1.write('TAG', 0, 'latin1')
  const id3v2 = Buffer.concat([
    Buffer.from([0x49, 0x44, 0x33, 4, 0, 0x10, 0, 0, 0, 5]),
    Buffer.alloc(5),
    Buffer.alloc(10),
  ])
  expect(await audioSha256(bytesReader(Buffer.concat([id3v2, bytes, ape, id3v1])))).toBe(
    await audioSha256(bytesReader(bytes)),
  )
})

test('what is no audio has no payload hash', async () => {
  expect(await audioSha256(bytesReader(Buffer.from('A text, called song.mp3')))).toBeNull()
  expect(await audioSha256(bytesReader(Buffer.alloc(0)))).toBeNull()
})
