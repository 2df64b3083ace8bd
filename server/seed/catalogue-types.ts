import type { AudioFormat } from '../../contract/values.ts'
import type { CoverFamily } from './cover/cover-recipe.ts'
import type { GenreSlug } from './genres.ts'

type KeyNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12

/** A key on the Camelot wheel: A is minor, B is major. */
export type CamelotKey = `${KeyNumber}${'A' | 'B'}`

/** What a sound is made from: the same recipe gives the same music. */
export interface SoundRecipe {
  readonly slug: string
  readonly genre: GenreSlug
  /** Beats per minute. */
  readonly bpm: number
  readonly key: CamelotKey
  readonly seconds: number
}

/** A recipe with what its file is called and how it is written. */
export interface DemoSound extends SoundRecipe {
  readonly title: string
  readonly description: string
  readonly format: AudioFormat
  /** Further formats of the same sound, beside the master. */
  readonly alsoIn?: readonly AudioFormat[]
  /** Paise; for a fan upload 0 means that it is not sold. */
  readonly priceMinor: number
}

export interface DemoTrack extends DemoSound {
  /** Only for members of the DJ's Super plan. */
  readonly isFanOnly?: true
}

export interface DemoPack {
  readonly slug: string
  readonly title: string
  readonly description: string
  readonly priceMinor: number
  /** Slugs of tracks of the same DJ, in order. */
  readonly tracks: readonly string[]
}

/** One DJ with everything they offer. */
export interface DemoArtist {
  readonly slug: string
  readonly djName: string
  readonly bio: string
  readonly coverFamily: CoverFamily
  readonly tracks: readonly DemoTrack[]
  readonly packs: readonly DemoPack[]
  readonly fanUploads: readonly DemoSound[]
}

export interface DemoPlan {
  readonly id: string
  readonly djSlug: string
  readonly plan: 'basic' | 'pro' | 'super'
  readonly priceMinor: number
  readonly tracksQuota: number
  readonly zipQuota: number
  readonly fanUploadsQuota: number
}
