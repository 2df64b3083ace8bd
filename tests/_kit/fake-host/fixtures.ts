import type { z } from 'zod'
import type { DjDetail, DjSummary, PackSummary, TrackFormat, TrackSummary } from '../../../contract/catalogue.ts'
import type { AudioFormat as Format } from '../../../contract/values.ts'
import type { CatalogueDj, CataloguePack, CatalogueTrack } from '../../../server/seed/catalogue.ts'
import { demoCatalogue } from '../../../server/seed/catalogue.ts'
import { GENRES } from '../../../server/seed/genres.ts'
import { mediaIdOf } from './media.ts'

type AudioFormat = z.infer<typeof Format>
export const NOW = Date.now()
const DAY_MS = 86_400_000
const BYTES_A_SECOND: Readonly<Record<AudioFormat, number>> = {
  mp3: 40_000,
  flac: 115_000,
  wav: 176_400,
  aiff: 176_400,
}
const source = demoCatalogue()
const rupees = (minor: number): z.infer<typeof TrackSummary>['price'] => ({ minor, currency: 'INR' })
export const ago = (days: number): string => new Date(NOW - days * DAY_MS).toISOString()

/** The demo catalogue in the shapes of the contract, as an account with no purchases sees it. */
export const djs: readonly DjSummary[] = source.djs.map((dj) => toDj(dj))
export const tracks: readonly TrackSummary[] = source.tracks.map((track, index) => toTrack(track, index))
export const packs: readonly PackSummary[] = source.packs.map((pack) => toPack(pack))
export const genres = Object.entries(GENRES).map(([slug, { name }]) => ({
  slug,
  name,
  trackCount: tracks.filter(({ genre }) => genre?.slug === slug).length,
}))
export const packTracks: ReadonlyMap<string, readonly TrackSummary[]> = new Map(
  source.packs.map((pack) => [pack.id, pack.tracks.flatMap(({ id }) => tracks.filter((track) => track.id === id))]),
)
export const descriptions: ReadonlyMap<string, string> = new Map(
  [...source.tracks, ...source.packs].map(({ id, description }) => [id, description]),
)
export const bios: ReadonlyMap<string, string> = new Map(source.djs.map(({ slug, bio }) => [slug, bio]))

export function plansOf(slug: string): DjDetail['plans'] {
  return source.plans
    .filter(({ djSlug }) => djSlug === slug)
    .map(({ plan, priceMinor, tracksQuota, zipQuota, fanUploadsQuota }) => ({
      plan,
      price: rupees(priceMinor),
      periodDays: 30,
      tracksQuota,
      zipQuota,
      fanUploadsQuota,
    }))
}

function toDj({ id, djName, slug, coverFamily }: CatalogueDj): DjSummary {
  return { id, name: djName, slug, portrait: mediaIdOf('portrait', { family: coverFamily, seed: slug }) }
}

function sizeOf(seconds: number, format: AudioFormat): number {
  return Math.round(seconds * BYTES_A_SECOND[format])
}

/** The master first, as the store tells it. */
function formatsOf({ seconds, format: master, alsoIn = [] }: CatalogueTrack): TrackFormat[] {
  return [master, ...alsoIn].map((format) => ({
    format,
    sizeBytes: sizeOf(seconds, format),
    isMaster: format === master,
  }))
}

function toTrack(track: CatalogueTrack, index: number): TrackSummary {
  const { id, title, dj, genre, bpm, key, seconds, priceMinor, format, slug } = track
  return {
    id,
    title,
    artist: dj.djName,
    dj: toDj(dj),
    genre: { slug: genre, name: GENRES[genre].name },
    bpm,
    key,
    durationSeconds: seconds,
    price: rupees(priceMinor),
    format,
    sizeBytes: sizeOf(seconds, format),
    formats: formatsOf(track),
    isFanOnly: track.isFanOnly === true,
    cover: mediaIdOf('cover', { family: dj.coverFamily, seed: slug, edition: index, title, artist: dj.djName }),
    preview: mediaIdOf('preview', slug),
    peaks: mediaIdOf('peaks', slug),
    publishedAt: ago(index),
    isReady: true,
    readyInSeconds: null,
    access: 'none',
  }
}

function toPack({ id, title, dj, priceMinor, tracks: inside, slug }: CataloguePack): PackSummary {
  const { djName, coverFamily } = dj
  const whole = inside.flatMap((each) => tracks.filter((track) => track.id === each.id))
  return {
    id,
    title,
    dj: toDj(dj),
    price: rupees(priceMinor),
    trackCount: inside.length,
    durationSeconds: inside.reduce((sum, { seconds }) => sum + seconds, 0),
    sizeBytes: whole.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
    isFanOnly: false,
    cover: mediaIdOf('cover', { family: coverFamily, seed: slug, edition: 7, title, artist: djName }),
    isReady: true,
    access: 'none',
  }
}
