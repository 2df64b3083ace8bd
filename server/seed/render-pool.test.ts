import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFile } from 'music-metadata'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { assembleCatalogue, type Catalogue } from './catalogue.ts'
import { fourTrackCatalogue } from './four-track-catalogue.ts'
import type { SoundFiles } from './render-cache.ts'
import { type RenderListener, renderCatalogue } from './render-pool.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mixmint-render-'))
})

afterEach(() => rm(folder, { recursive: true }))

interface Heard extends RenderListener {
  readonly pictures: Map<string, string>
  readonly sounds: Map<string, SoundFiles>
  readonly failures: string[]
  /** What arrived, in order. */
  readonly order: string[]
}

function listener(onEach: () => void = () => undefined): Heard {
  const heard: Heard = {
    pictures: new Map(),
    sounds: new Map(),
    failures: [],
    order: [],
    onPicture: (id, path) => {
      heard.pictures.set(id, path)
      heard.order.push('picture')
      onEach()
    },
    onSound: (id, files) => {
      heard.sounds.set(id, files)
      heard.order.push('sound')
      onEach()
    },
    onFailure: (id, error) => heard.failures.push(`${id} ${error.message}`),
  }
  return heard
}

function run(catalogue: Catalogue, heard: Heard, signal = new AbortController().signal): Promise<void> {
  return renderCatalogue(catalogue, folder, heard, signal)
}

test('everything of a catalogue is made: pictures first, then files that are what was declared', {
  timeout: 60_000,
}, async () => {
  const catalogue = fourTrackCatalogue()
  const heard = listener()
  await run(catalogue, heard)
  expect(heard.failures).toEqual([])
  expect(heard.order.lastIndexOf('picture')).toBeLessThan(heard.order.indexOf('sound'))
  expect([...heard.pictures.keys()].toSorted()).toEqual(
    [catalogue.tracks, catalogue.packs, catalogue.fanUploads, catalogue.djs]
      .flat()
      .map(({ id }) => id)
      .toSorted(),
  )
  for (const track of [...catalogue.tracks, ...catalogue.fanUploads]) {
    const files = heard.sounds.get(track.id)
    const { common, format } = await parseFile(files?.audio ?? '', { duration: true })
    expect(common).toMatchObject({ title: track.title, artist: track.dj.djName, bpm: track.bpm, key: track.key })
    expect(common.picture?.[0]?.data.length).toBe((await stat(heard.pictures.get(track.id) ?? '')).size)
    expect(format.duration).toBeCloseTo(track.seconds, 0)
    expect((await parseFile(files?.preview ?? '')).format.bitrate).toBe(96_000)
    expect(await readFile(files?.peaks ?? '')).toHaveLength(3600)
  }
})

/** Pictures and one short sound: enough to see the pool at work. */
function smallCatalogue(): Catalogue {
  const { tracks, fanUploads, ...rest } = fourTrackCatalogue()
  return { ...rest, packs: [], tracks: tracks.filter(({ seconds }) => seconds === 6), fanUploads }
}

test('a second start takes everything from the cache, byte for byte, and sweeps up what a dead process left', {
  timeout: 60_000,
}, async () => {
  const first = listener()
  await run(smallCatalogue(), first)
  const [files] = first.sounds.values()
  const before = await stat(files?.audio ?? '')
  const leftover = join(folder, '.draft-999999999-left')
  await mkdir(leftover)
  const second = listener()
  await run(smallCatalogue(), second)
  expect(second.sounds).toEqual(first.sounds)
  expect((await stat(files?.audio ?? '')).mtimeMs).toBe(before.mtimeMs)
  expect(await readdir(folder)).not.toContain('.draft-999999999-left')
})

test('two makers in different folders give the same bytes', { timeout: 60_000 }, async () => {
  const catalogue = { ...smallCatalogue(), tracks: [] }
  const heard = [listener(), listener()] as const
  await Promise.all(
    heard.map((each, index) =>
      renderCatalogue(catalogue, join(folder, `${index}`), each, new AbortController().signal),
    ),
  )
  const [one, other] = await Promise.all(
    heard.map(({ sounds }) =>
      Promise.all(
        [...sounds.values()]
          .flatMap(({ others, ...files }) => [...others.map(({ path }) => path), ...Object.values(files)])
          .map((path) => readFile(path)),
      ),
    ),
  )
  expect(one).toHaveLength(3)
  expect(one).toEqual(other)
})

test('an abort ends the work without a failure, and the next start finishes it', { timeout: 60_000 }, async () => {
  const stop = new AbortController()
  const interrupted = listener(() => stop.abort())
  await run(smallCatalogue(), interrupted, stop.signal)
  expect(interrupted.failures).toEqual([])
  expect(interrupted.sounds.size).toBe(0)
  const finished = listener()
  await run(smallCatalogue(), finished)
  expect(finished.sounds.size).toBe(2)
})

test('what can not be made is reported, and the rest is made', { timeout: 60_000 }, async () => {
  const good = smallCatalogue()
  const [track] = good.tracks
  if (track === undefined) throw new Error('The small catalogue has a track')
  const broken = { ...track, id: 'broken', slug: 'broken', seconds: -1 }
  const heard = listener()
  await run({ ...assembleCatalogue([]), djs: good.djs, tracks: [broken, track] }, heard)
  expect(heard.failures).toHaveLength(1)
  expect(heard.failures[0]).toMatch(/^broken /)
  expect([...heard.sounds.keys()]).toEqual([track.id])
})
