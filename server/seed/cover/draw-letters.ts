import type { Dice } from '../random.ts'
import type { Canvas } from './canvas.ts'
import type { CoverRecipe } from './cover-recipe.ts'
import { LABEL_HEIGHT } from './label.ts'
import { lettering, letteringWidth, plainCapitals } from './lettering.ts'
import type { Palette } from './palettes.ts'
import { rectangle } from './shapes.ts'

const PICTURE = 1 - LABEL_HEIGHT

/** The initials of the title, as large as the cover allows, printed two or three times out of register. */
export function drawLetters(canvas: Canvas, palette: Palette, dice: Dice, { title }: CoverRecipe): void {
  const { ground, tones } = palette
  const words = plainCapitals(title).trim().split(/ +/)
  const initials = words
    .map((word) => word.slice(0, 1))
    .join('')
    .slice(0, 2)
  const weight = dice.between(0.15, 0.21)
  const height = 0.56
  const unitWidth = letteringWidth(initials, { height, weight })
  const fitted = Math.min(height, (height * 0.72) / Math.max(0.1, unitWidth))
  const style = { height: Math.max(0.4, fitted), weight }
  const width = letteringWidth(initials, style)
  const x = (1 - width) / 2
  const y = (PICTURE + style.height) / 2
  const step = dice.pick([
    [0.045, 0.045],
    [-0.045, 0.045],
    [0, 0.06],
    [0.06, 0],
  ] as const)
  if (dice.chance(0.5)) canvas.fill(rectangle(0, PICTURE * dice.pick([0, 0.5]), 1, PICTURE / 2), tones[2])
  for (const [turn, colour] of [tones[1], ground, tones[0]].entries()) {
    const away = 1 - turn
    canvas.fill(lettering(initials, x + step[0] * away, y + step[1] * away, style), colour)
  }
  const stripes = dice.whole(0, 4)
  for (let index = 0; index < stripes; index++) {
    canvas.fill(rectangle(0, PICTURE * (0.3 + 0.11 * index), 1, 0.012 + 0.004 * index), ground)
  }
}
