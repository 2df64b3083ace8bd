import type { Canvas } from './canvas.ts'
import type { CoverFamily, CoverRecipe } from './cover-recipe.ts'
import { lettering, letteringWidth, plainCapitals } from './lettering.ts'
import type { Palette } from './palettes.ts'
import { rectangle } from './shapes.ts'

/** How much of the cover's height the label takes. */
export const LABEL_HEIGHT = 0.14
/** The margin that every cover keeps. */
export const MARGIN = 0.06

const STYLE = { height: 0.027, weight: 0.15 }
const TITLE_STYLE = { height: 0.027, weight: 0.11 }
const LABEL_ON_TOP: ReadonlySet<CoverFamily> = new Set(['contours', 'bars', 'halftone', 'cutouts'])

/** A quiet strip with the artist on the left and the title on the right, in the family's place. */
export function drawLabel(canvas: Canvas, palette: Palette, { family, artist, title }: CoverRecipe): void {
  const top = LABEL_ON_TOP.has(family) ? 0 : 1 - LABEL_HEIGHT
  const baseline = top + LABEL_HEIGHT / 2 + STYLE.height / 2
  canvas.fill(rectangle(0, top, 1, LABEL_HEIGHT), palette.ground)
  canvas.fill(lettering(artist, MARGIN, baseline, STYLE), palette.ink)
  const room = 1 - 2 * MARGIN - letteringWidth(artist, STYLE) - MARGIN
  const words = fitting(plainCapitals(title).trim(), room)
  const right = 1 - MARGIN - letteringWidth(words, TITLE_STYLE)
  if (words !== '') canvas.fill(lettering(words, right, baseline, TITLE_STYLE), palette.ink)
}

/** As many whole words from the start as the room allows. */
function fitting(text: string, room: number): string {
  const words = text.split(/ +/)
  while (words.length > 0 && letteringWidth(words.join(' '), TITLE_STYLE) > room) words.pop()
  return words.join(' ')
}
