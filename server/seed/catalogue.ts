import { anayaRao } from './artists/anaya-rao.ts'
import { kojiNakata } from './artists/koji-nakata.ts'
import { lukaszWrobel } from './artists/lukasz-wrobel.ts'
import { marisolPena } from './artists/marisol-pena.ts'
import { nedimCelik } from './artists/nedim-celik.ts'
import { ottolineGrey } from './artists/ottoline-grey.ts'
import { saffronStatic } from './artists/saffron-static.ts'
import { thandekaMbele } from './artists/thandeka-mbele.ts'
import type { DemoArtist, DemoPack, DemoPlan, DemoSound, DemoTrack } from './catalogue-types.ts'
import { seedId } from './seed-id.ts'

export interface CatalogueDj extends Pick<DemoArtist, 'slug' | 'djName' | 'bio' | 'coverFamily'> {
  readonly id: string
}

/** Something that exists once, belongs to a DJ and has a cover of that DJ's family. */
interface OfDj {
  readonly id: string
  readonly dj: CatalogueDj
}

export interface CatalogueTrack extends DemoTrack, OfDj {
  readonly kind: 'track'
}

export interface CatalogueFanUpload extends DemoSound, OfDj {
  readonly kind: 'fan'
}

export interface CataloguePack extends Omit<DemoPack, 'tracks'>, OfDj {
  readonly kind: 'pack'
  readonly tracks: readonly CatalogueTrack[]
}

export interface Catalogue {
  readonly djs: readonly CatalogueDj[]
  /** In the order in which they become downloadable. */
  readonly tracks: readonly CatalogueTrack[]
  readonly packs: readonly CataloguePack[]
  readonly fanUploads: readonly CatalogueFanUpload[]
  readonly plans: readonly DemoPlan[]
}

/** How many tracks, the first of the catalogue, are short enough to be ready within the first minute. */
export const OPENING_TRACKS = 12

/** The whole demo catalogue: eight DJs who do not exist, and what they offer. */
export function demoCatalogue(): Catalogue {
  return assembleCatalogue([
    anayaRao,
    kojiNakata,
    thandekaMbele,
    lukaszWrobel,
    marisolPena,
    saffronStatic,
    ottolineGrey,
    nedimCelik,
  ])
}

/** Gives everything its id and its DJ; tracks take turns between the DJs, each one's first track first. */
export function assembleCatalogue(artists: readonly DemoArtist[]): Catalogue {
  const offers = artists.map((artist) => {
    const dj = djOf(artist)
    const tracks = artist.tracks.map((track) => ({
      ...track,
      kind: 'track' as const,
      id: seedId('track', track.slug),
      dj,
    }))
    return { artist, dj, tracks }
  })
  const longest = Math.max(...offers.map(({ tracks }) => tracks.length))
  return {
    djs: offers.map(({ dj }) => dj),
    tracks: Array.from({ length: longest }, (_, turn) =>
      offers.flatMap(({ tracks }) => tracks.slice(turn, turn + 1)),
    ).flat(),
    packs: offers.flatMap(({ artist, dj, tracks }) => artist.packs.map((pack) => packOf(pack, dj, tracks))),
    fanUploads: offers.flatMap(({ artist, dj }) =>
      artist.fanUploads.map((upload) => ({ ...upload, kind: 'fan' as const, id: seedId('fan', upload.slug), dj })),
    ),
    plans: offers.flatMap(({ dj }) => plansOf(dj.slug)),
  }
}

function djOf({ slug, djName, bio, coverFamily }: DemoArtist): CatalogueDj {
  return { id: seedId('dj', slug), slug, djName, bio, coverFamily }
}

function packOf(pack: DemoPack, dj: CatalogueDj, tracks: readonly CatalogueTrack[]): CataloguePack {
  const contents = pack.tracks.flatMap((slug) => tracks.filter((track) => track.slug === slug))
  return { ...pack, kind: 'pack', id: seedId('pack', pack.slug), dj, tracks: contents }
}

function plansOf(djSlug: string): DemoPlan[] {
  const plans = [
    { plan: 'basic', priceMinor: 9900, tracksQuota: 10, zipQuota: 1, fanUploadsQuota: 0 },
    { plan: 'pro', priceMinor: 19900, tracksQuota: 25, zipQuota: 3, fanUploadsQuota: 1 },
    { plan: 'super', priceMinor: 39900, tracksQuota: 60, zipQuota: 8, fanUploadsQuota: 5 },
  ] as const
  return plans.map((plan) => ({ ...plan, id: seedId('plan', `${djSlug}/${plan.plan}`), djSlug }))
}
