import type { Pcm } from '../audio/pcm.ts'
import type { SoundRecipe } from './catalogue-types.ts'
import { master } from './synth/master.ts'
import { mixDown } from './synth/mixdown.ts'
import { writeScore } from './synth/score.ts'
import { SAMPLE_RATE } from './synth/sound.ts'
import { STYLES } from './synth/styles.ts'

/** Makes the music of a recipe: stereo, 44,100 samples per second, of exactly its length; the same recipe gives the same samples. */
export function synthesize(recipe: SoundRecipe): Pcm {
  const style = STYLES[recipe.genre]
  const beat = 60 / recipe.bpm
  const mix = mixDown(writeScore(recipe, style), {
    length: Math.round(recipe.seconds * SAMPLE_RATE),
    echoSeconds: beat * 0.75,
    duck: style.duck,
    hiss: style.hiss,
    seed: recipe.slug,
  })
  return master(mix)
}
