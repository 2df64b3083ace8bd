import { createHash } from 'node:crypto'
import type { Catalogue, CatalogueFanUpload, CatalogueTrack } from './catalogue.ts'
import type { DemoSound } from './catalogue-types.ts'
import type { CoverRecipe } from './cover/cover-recipe.ts'
import { GENRES } from './genres.ts'
import type { AudioTags } from './tag-audio.ts'

/** Part of every cache key: raise it when the same recipe gives other bytes. */
const RECIPE_VERSION = 1

const YEAR = 2026

/** A picture to be drawn. */
export interface PictureJob {
  readonly kind: 'picture'
  /** Id of the track, pack, fan upload or DJ that the picture belongs to. */
  readonly id: string
  readonly portrait: boolean
  readonly cover: CoverRecipe
}

/** A sound to be made, written, tagged, cut and measured. */
export interface SoundJob {
  readonly kind: 'sound'
  /** Id of the track or fan upload. */
  readonly id: string
  readonly sound: DemoSound
  readonly tags: Omit<AudioTags, 'cover'>
  readonly cover: CoverRecipe
}

export type RenderJob = PictureJob | SoundJob

/** Everything there is to make of a catalogue: all pictures first, then sounds in the order of the catalogue, fan uploads last. */
export function renderJobs(catalogue: Catalogue): { pictures: PictureJob[]; sounds: SoundJob[] } {
  const covered = [...catalogue.tracks, ...catalogue.packs, ...catalogue.fanUploads]
  const recipes = new Map(covered.map((item) => [item.id, coverRecipe(item, catalogue)]))
  const pictures = covered.map((item): PictureJob => pictureJob(item.id, false, recipes.get(item.id)))
  const portraits = catalogue.djs.map((dj): PictureJob => {
    const cover = { family: dj.coverFamily, seed: dj.slug, edition: 0, title: '', artist: dj.djName }
    return pictureJob(dj.id, true, cover)
  })
  const sounds = [...catalogue.tracks, ...catalogue.fanUploads].map((item): SoundJob => {
    const cover = recipes.get(item.id) ?? coverRecipe(item, catalogue)
    return { kind: 'sound', id: item.id, sound: soundOf(item), tags: tagsOf(item, catalogue), cover }
  })
  return { pictures: [...pictures, ...portraits], sounds }
}

/** Where in the cache a job's results lie: it changes with the recipe and with nothing else. */
export function cacheKey(job: RenderJob): string {
  const { id: _id, ...recipe } = job
  return createHash('sha256')
    .update(JSON.stringify([RECIPE_VERSION, recipe]))
    .digest('hex')
    .slice(0, 32)
}

function pictureJob(id: string, portrait: boolean, cover: CoverRecipe | undefined): PictureJob {
  if (cover === undefined) throw new RangeError(`No cover is declared for ${id}`)
  return { kind: 'picture', id, portrait, cover }
}

function coverRecipe(
  item: Catalogue['packs'][number] | CatalogueTrack | CatalogueFanUpload,
  catalogue: Catalogue,
): CoverRecipe {
  const releases = [...catalogue.tracks, ...catalogue.packs, ...catalogue.fanUploads].filter(
    ({ dj }) => dj.id === item.dj.id,
  )
  const edition = releases.findIndex(({ id }) => id === item.id)
  return {
    family: item.dj.coverFamily,
    seed: `${item.kind} ${item.slug}`,
    edition,
    title: item.title,
    artist: item.dj.djName,
  }
}

function soundOf(sound: DemoSound): DemoSound {
  const { slug, genre, bpm, key, seconds, title, description, format, alsoIn, priceMinor } = sound
  return {
    ...{ slug, genre, bpm, key, seconds, title, description, format, priceMinor },
    ...(alsoIn === undefined ? {} : { alsoIn }),
  }
}

function tagsOf(item: CatalogueTrack | CatalogueFanUpload, catalogue: Catalogue): Omit<AudioTags, 'cover'> {
  const pack = catalogue.packs.find(({ tracks }) => tracks.some(({ id }) => id === item.id))
  const album = pack === undefined ? {} : { album: pack.title }
  const { title, bpm, key } = item
  return { title, artist: item.dj.djName, ...album, genre: GENRES[item.genre].name, year: YEAR, bpm, key }
}
