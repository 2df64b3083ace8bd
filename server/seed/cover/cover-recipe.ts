/** The visual language of one DJ: every cover of theirs speaks it. */
export type CoverFamily = 'rings' | 'contours' | 'tiles' | 'bars' | 'suns' | 'halftone' | 'letters' | 'cutouts'

/** What a cover is made from: the same recipe gives the same picture. */
export interface CoverRecipe {
  readonly family: CoverFamily
  /** Everything that varies within the family follows from it. */
  readonly seed: string
  /** Which release of the DJ this is, from 0: palettes take turns. */
  readonly edition: number
  readonly title: string
  readonly artist: string
}
