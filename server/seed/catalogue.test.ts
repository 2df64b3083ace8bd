import { expect, test } from 'vitest'
import { type Catalogue, demoCatalogue, OPENING_TRACKS } from './catalogue.ts'
import { DEMO_ACCOUNTS } from './demo-accounts.ts'
import { fourTrackCatalogue } from './four-track-catalogue.ts'
import { GENRES } from './genres.ts'

const demo = demoCatalogue()
const catalogues: [string, Catalogue][] = [
  ['the demo catalogue', demo],
  ['the four-track catalogue', fourTrackCatalogue()],
]

test.each(catalogues)(
  'R-MM-12, R-MM-13: nothing in %s is cheaper than ₹29 a track and ₹79 a pack',
  (_name, { tracks, packs }) => {
    expect(tracks.filter(({ priceMinor }) => !Number.isInteger(priceMinor) || priceMinor < 2900)).toEqual([])
    expect(packs.filter(({ priceMinor }) => !Number.isInteger(priceMinor) || priceMinor < 7900)).toEqual([])
  },
)

test.each(catalogues)(
  'every tempo in %s is one of its genre, every length one that can be sold',
  (_name, catalogue) => {
    for (const { title, genre, bpm, seconds } of [...catalogue.tracks, ...catalogue.fanUploads]) {
      expect(bpm, title).toBeGreaterThanOrEqual(GENRES[genre].slowest)
      expect(bpm, title).toBeLessThanOrEqual(GENRES[genre].fastest)
      expect(seconds, title).toBeGreaterThanOrEqual(6)
      expect(seconds, title).toBeLessThanOrEqual(360)
    }
  },
)

test.each(catalogues)('ids in %s are unique name-based UUIDs that never change', (_name, catalogue) => {
  const ids = [catalogue.djs, catalogue.tracks, catalogue.packs, catalogue.fanUploads, catalogue.plans]
    .flat()
    .map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toEqual(
    [],
  )
})

test('DL14: the demo catalogue has tracks in several formats, none of them among the opening ones', () => {
  const inMany = demo.tracks.filter(({ alsoIn }) => alsoIn !== undefined)
  expect(inMany.length).toBeGreaterThanOrEqual(6)
  for (const { format, alsoIn = [] } of inMany)
    expect([format, ...alsoIn].toSorted()).toEqual(['aiff', 'flac', 'mp3', 'wav'])
  expect(demo.tracks.slice(0, OPENING_TRACKS).filter(({ alsoIn }) => alsoIn !== undefined)).toEqual([])
})

test('links to a seeded track still lead to it', () => {
  expect(demo.tracks[0]).toMatchObject({ slug: 'monsoon-terrace', id: '8117a127-460a-5240-8d0e-d0e515e44ec9' })
})

test('the opening tracks are short MP3s, and their first eight are by eight DJs', () => {
  const opening = demo.tracks.slice(0, OPENING_TRACKS)
  expect(opening).toHaveLength(12)
  expect(opening.filter(({ format, seconds }) => format !== 'mp3' || seconds < 60 || seconds > 75)).toEqual([])
  expect(new Set(opening.map(({ dj }) => dj.slug)).size).toBe(8)
})

test('the demo catalogue has every format, one WAV by far the largest, and names that try file systems', () => {
  const count = (format: string): number => demo.tracks.filter((track) => track.format === format).length
  expect(demo.tracks).toHaveLength(32)
  expect([count('flac'), count('wav'), count('aiff')].every((some) => some >= 2)).toBe(true)
  expect(count('mp3')).toBeGreaterThan(16)
  const uncompressed = demo.tracks.filter(({ format }) => format === 'wav' || format === 'aiff' || format === 'flac')
  const [longest, second] = uncompressed.toSorted((a, b) => b.seconds - a.seconds)
  expect(longest?.format).toBe('wav')
  expect(longest?.seconds).toBeGreaterThan(2 * (second?.seconds ?? 0) * 0.7)
  const titles = demo.tracks.map(({ title }) => title)
  expect(titles.some((title) => title.length === 180)).toBe(true)
  expect(titles.some((title) => /\p{Script=Han}/u.test(title))).toBe(true)
  expect(titles.some((title) => /[/:?]/.test(title))).toBe(true)
})

test('packs hold tracks of their own DJ, in order, and none that is for members only', () => {
  expect(demo.packs.length).toBeGreaterThanOrEqual(3)
  for (const pack of demo.packs) {
    expect(pack.tracks.length, pack.title).toBeGreaterThanOrEqual(2)
    expect(
      pack.tracks.filter(({ dj, isFanOnly }) => dj.id !== pack.dj.id || isFanOnly === true),
      pack.title,
    ).toEqual([])
  }
})

test('R-MM-37: every DJ offers the three plans with their quotas', () => {
  for (const { slug } of demo.djs) {
    const plans = demo.plans.filter(({ djSlug }) => djSlug === slug)
    expect(
      plans.map((plan) => [plan.plan, plan.priceMinor, plan.tracksQuota, plan.zipQuota, plan.fanUploadsQuota]),
    ).toEqual([
      ['basic', 9900, 10, 1, 0],
      ['pro', 19900, 25, 3, 1],
      ['super', 39900, 60, 8, 5],
    ])
  }
})

test('demo accounts own, follow and are only what exists', () => {
  const missing = (wanted: readonly string[], items: readonly { readonly slug: string }[]): string[] =>
    wanted.filter((slug) => !items.some((item) => item.slug === slug))
  for (const account of DEMO_ACCOUNTS) {
    expect(account.email).toMatch(/@mixmint\.example$/)
    expect(missing(account.ownsTracks, demo.tracks)).toEqual([])
    expect(missing(account.ownsPacks, demo.packs)).toEqual([])
    expect(missing(account.fanGrants, demo.fanUploads)).toEqual([])
    const djs = [
      ...account.plans.map(({ djSlug }) => djSlug),
      ...(account.djSlug === undefined ? [] : [account.djSlug]),
    ]
    expect(missing(djs, demo.djs)).toEqual([])
  }
})
