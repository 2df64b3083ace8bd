import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Owned } from '../../../contract/entitlements.ts'
import { planEverything } from './everything-plan.ts'

const DJ = { id: 'dj', name: 'Nia', slug: 'nia', portrait: null }
const FREE = { minor: 0, currency: 'INR' }

function trackOf(id: string, sizeBytes: number | null = 10): NonNullable<Owned['track']> {
  return {
    id,
    title: id,
    artist: 'Nia',
    dj: DJ,
    genre: null,
    bpm: null,
    key: null,
    durationSeconds: null,
    price: FREE,
    format: 'mp3',
    sizeBytes,
    formats: [],
    isFanOnly: false,
    cover: null,
    preview: null,
    peaks: null,
    publishedAt: null,
    isReady: true,
    readyInSeconds: null,
    access: 'purchase',
  }
}

const since = '2026-01-01T00:00:00.000Z'

function single(id: string): Owned {
  const track = trackOf(id)
  return { contentType: 'track', contentId: id, access: 'purchase', since, title: id, track, pack: null }
}

function packOf(id: string, trackIds: readonly string[]): Owned {
  const tracks = trackIds.map((trackId) => trackOf(trackId))
  const sums = { trackCount: tracks.length, durationSeconds: 1, sizeBytes: 10 * tracks.length }
  const about = { id, title: id, dj: DJ, price: FREE, isFanOnly: false, cover: null, isReady: true }
  const pack = { ...about, ...sums, access: 'purchase' as const, tracks }
  return { contentType: 'album', contentId: id, access: 'purchase', since, title: id, track: null, pack }
}

function ids(owned: readonly Owned[], here: readonly string[] = []): string[] {
  return planEverything(owned, (id) => here.includes(id)).downloads.map(({ content }) => content.contentId)
}

describe('what "download everything" fetches', () => {
  it('a track that is owned by itself and in a pack comes once, with the pack', () => {
    const owned = [single('a'), packOf('pack', ['a', 'b'])]
    const plan = planEverything(owned, () => false)
    expect(plan).toMatchObject({
      downloads: [{ content: { contentId: 'pack' }, tracks: 2, sizeBytes: 20 }],
      areHere: 0,
    })
  })

  it('a pack whose missing tracks are all owned by themselves is not fetched for them', () => {
    expect(ids([single('a'), packOf('pack', ['a', 'b'])], ['b'])).toEqual(['a'])
  })

  it('a pack is here when its tracks are, and is fetched for a single one that is not', () => {
    expect(ids([packOf('pack', ['a', 'b'])], ['a', 'b'])).toEqual([])
    const plan = planEverything([packOf('pack', ['a', 'b'])], (id) => id === 'a')
    expect(plan).toMatchObject({ downloads: [{ content: { contentId: 'pack' }, tracks: 1 }], areHere: 1 })
  })

  it('of two packs that share their missing tracks one is enough', () => {
    expect(ids([packOf('one', ['a', 'b']), packOf('two', ['a', 'b'])])).toEqual(['one'])
    expect(ids([packOf('one', ['a', 'b']), packOf('two', ['b', 'c'])])).toEqual(['one', 'two'])
  })

  it('brings every owned track that is not here, no download in vain, and counts each track once', () => {
    const id = fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f')
    const packs = fc.array(fc.uniqueArray(id, { minLength: 1 }), { maxLength: 4 })
    fc.assert(
      fc.property(fc.uniqueArray(id), packs, fc.uniqueArray(id), (singles, packed, here) => {
        const owned = [...singles.map(single), ...packed.map((tracks, index) => packOf(`pack ${index}`, tracks))]
        const all = new Set([...singles, ...packed.flat()])
        const missing = [...all].filter((one) => !here.includes(one))
        const { downloads, areHere } = planEverything(owned, (one) => here.includes(one))
        const brought = downloads.flatMap(({ content }) =>
          content.contentType === 'album' ? (packed[Number(content.contentId.slice(5))] ?? []) : [content.contentId],
        )
        expect(new Set(brought.filter((one) => missing.includes(one)))).toEqual(new Set(missing))
        expect(downloads.reduce((sum, { tracks }) => sum + tracks, 0)).toBe(missing.length)
        expect(downloads.every(({ tracks }) => tracks > 0)).toBe(true)
        expect(areHere).toBe(all.size - missing.length)
        expect(new Set(downloads.map(({ content }) => content.contentId)).size).toBe(downloads.length)
      }),
    )
  })
})
