import type { Dice } from '../random.ts'
import type { Canvas } from './canvas.ts'
import type { CoverFamily, CoverRecipe } from './cover-recipe.ts'
import { drawBars } from './draw-bars.ts'
import { drawContours } from './draw-contours.ts'
import { drawCutouts } from './draw-cutouts.ts'
import { drawHalftone } from './draw-halftone.ts'
import { drawLetters } from './draw-letters.ts'
import { drawRings } from './draw-rings.ts'
import { drawSuns } from './draw-suns.ts'
import { drawTiles } from './draw-tiles.ts'
import type { Palette } from './palettes.ts'

export type DrawFamily = (canvas: Canvas, palette: Palette, dice: Dice, recipe: CoverRecipe) => void

/** How each family paints its picture; the label comes on top afterwards. */
export const FAMILIES: Readonly<Record<CoverFamily, DrawFamily>> = {
  rings: drawRings,
  contours: drawContours,
  tiles: drawTiles,
  bars: drawBars,
  suns: drawSuns,
  halftone: drawHalftone,
  letters: drawLetters,
  cutouts: drawCutouts,
}
