import { Canvas } from './cover/canvas.ts'
import type { CoverRecipe } from './cover/cover-recipe.ts'
import { FAMILIES } from './cover/families.ts'
import { drawLabel } from './cover/label.ts'
import { PALETTES } from './cover/palettes.ts'
import { drawPortrait } from './cover/portrait.ts'
import { diceFrom } from './random.ts'

/** Pixels on each side of a cover or portrait. */
const COVER_SIZE = 600

/** The cover of a track or pack, as a PNG of 600 × 600 pixels. */
export function renderCover(recipe: CoverRecipe): Buffer {
  const dice = diceFrom(`cover ${recipe.seed}`)
  const palettes = PALETTES[recipe.family]
  const palette = palettes[recipe.edition % palettes.length] ?? palettes[0]
  const canvas = new Canvas(COVER_SIZE, palette.ground)
  FAMILIES[recipe.family](canvas, palette, dice, recipe)
  drawLabel(canvas, palette, recipe)
  return canvas.toPng()
}

/** The portrait of a DJ in the colours of their covers, as a PNG of 600 × 600 pixels that may be cut round. */
export function renderPortrait(recipe: Pick<CoverRecipe, 'family' | 'seed'>): Buffer {
  const dice = diceFrom(`portrait ${recipe.seed}`)
  const palette = PALETTES[recipe.family][0]
  const canvas = new Canvas(COVER_SIZE, palette.ground)
  drawPortrait(canvas, palette, dice)
  return canvas.toPng()
}
