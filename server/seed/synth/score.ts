import type { SoundRecipe } from '../catalogue-types.ts'
import { type Dice, diceFrom } from '../random.ts'
import { arrange, type Bar } from './arrangement.ts'
import { type DrumName, makeDrums } from './drums.ts'
import { chordNotes, PROGRESSIONS, type Scale, scaleOf } from './harmony.ts'
import { SAMPLE_RATE, type Sound } from './sound.ts'
import type { Pattern, Style } from './style.ts'
import { playTone } from './tone.ts'

const STEPS = 16
const BARS_PER_CHORD = 2

type Voice = 'bass' | 'chord' | 'pad' | 'lead'

/** One sound at one place. */
export interface ScoreEvent {
  /** Sample at which it starts. */
  readonly at: number
  readonly sound: Sound
  readonly gain: number
  /** -1 left to 1 right. */
  readonly pan: number
  /** Whether it steps back under the kick. */
  readonly ducks: boolean
  readonly room: number
  readonly echo: number
}

export interface Score {
  /** In order of time. */
  readonly events: readonly ScoreEvent[]
  /** Samples at which a kick falls, in order. */
  readonly kicks: readonly number[]
}

/** Writes a track down: which sound starts when, how loud and where. */
export function writeScore(recipe: SoundRecipe, style: Style): Score {
  const dice = diceFrom(`score ${recipe.slug}`)
  const stepLength = (SAMPLE_RATE * 60) / recipe.bpm / 4
  const bars = arrange(Math.max(1, Math.floor((recipe.seconds * SAMPLE_RATE) / (stepLength * STEPS))))
  const writer = new ScoreWriter(style, recipe, dice, stepLength)
  for (const [index, bar] of bars.entries()) writer.addBar(index, bar)
  return writer.finish()
}

class ScoreWriter {
  readonly #style: Style
  readonly #dice: Dice
  readonly #stepLength: number
  readonly #scale: Scale
  readonly #drums: Readonly<Record<DrumName, Sound>>
  readonly #progression: readonly number[]
  readonly #motif: readonly (number | undefined)[]
  readonly #tones = new Map<string, Sound>()
  readonly #events: ScoreEvent[] = []
  readonly #kicks: number[] = []

  constructor(style: Style, recipe: SoundRecipe, dice: Dice, stepLength: number) {
    this.#style = style
    this.#dice = dice
    this.#stepLength = stepLength
    this.#scale = scaleOf(recipe.key)
    this.#drums = makeDrums(style.kit, recipe.slug)
    this.#progression = dice.pick(PROGRESSIONS[this.#scale.isMinor ? 'minor' : 'major'])
    this.#motif = writeMotif(dice, style.leadDensity)
  }

  finish(): Score {
    return { events: this.#events.sort((a, b) => a.at - b.at), kicks: this.#kicks.sort((a, b) => a - b) }
  }

  addBar(index: number, bar: Bar): void {
    const root = this.#progression[Math.floor(index / BARS_PER_CHORD) % this.#progression.length] ?? 0
    this.#addDrums(index, bar)
    const half = index % 2 === 0 ? 0 : 1
    if (bar.bass) this.#addBass(index, root, this.#style.bass[half])
    if (bar.chords) this.#addChords(index, root, bar, this.#style.chord[half])
    if (bar.pad && half === 0) this.#addPad(index, root)
    if (bar.lead) this.#addLead(index, root, bar)
  }

  #addDrums(index: number, bar: Bar): void {
    const style = this.#style
    const isFill = bar.closes && bar.kick
    if (bar.kick) this.#addPattern(index, isFill ? `${style.kick.slice(0, 12)}....` : style.kick, 'kick', 0.95, 0)
    if (bar.back) this.#addPattern(index, style.back, style.backDrum, style.backDrum === 'rim' ? 0.4 : 0.5, 0.03, 0.14)
    if (bar.hats) {
      this.#addPattern(index, style.hat, 'hat', 0.24, 0.18)
      this.#addPattern(index, style.openHat, 'openHat', 0.22, -0.12)
    }
    if (bar.percussion) {
      this.#addPattern(index, style.shaker, 'shaker', 0.15, -0.35)
      this.#addPattern(index, style.rim, 'rim', 0.22, 0.4, 0.3)
    }
    if (isFill && bar.back)
      this.#addPattern(index, '............ooxx', style.backDrum === 'rim' ? 'clap' : style.backDrum, 0.34, 0, 0.2)
    if (bar.opens && index > 0 && bar.kick) this.#add('crash', this.#timeOf(index, 0), 0.26, 0.1, 0.3)
    if (bar.closes && !bar.kick) {
      const length = this.#drums.riser.left.length
      this.#add('riser', Math.max(0, this.#timeOf(index + 1, 0) - length), 0.5, 0, 0.3)
    }
  }

  #addPattern(bar: number, pattern: Pattern, drum: DrumName, gain: number, pan: number, room = 0): void {
    for (const [step, mark] of [...pattern].entries()) {
      if (mark === '.') continue
      const human = drum === 'kick' ? 1 : this.#dice.between(0.85, 1.08)
      const at = this.#timeOf(bar, step)
      this.#add(drum, at, gain * human * (mark === 'o' ? 0.5 : 1), pan, room)
      if (drum === 'kick') this.#kicks.push(at)
    }
  }

  #add(drum: DrumName, at: number, gain: number, pan: number, room: number): void {
    this.#events.push({ at, sound: this.#drums[drum], gain, pan, ducks: false, room, echo: 0 })
  }

  #addBass(bar: number, root: number, pattern: Pattern): void {
    for (const [step, mark] of [...pattern].entries()) {
      if (mark === '.') continue
      const degree = root + (mark === '8' ? 7 : Number(mark))
      const note = this.#scale.note(degree, degree > 6 ? 0 : 1)
      this.#play('bass', [note], bar, step, 1, 1)
    }
  }

  #addChords(bar: number, root: number, { brightness }: Bar, pattern: Pattern): void {
    const notes = chordNotes(this.#scale, root, this.#style.chordSize)
    for (const [step, mark] of [...pattern].entries()) {
      if (mark !== '.') this.#play('chord', notes, bar, step, this.#dice.between(0.88, 1), brightness)
    }
  }

  #addPad(bar: number, root: number): void {
    const notes = chordNotes(this.#scale, root, 3).map((note) => note + 12)
    this.#play('pad', notes, bar, 0, 1, 1)
  }

  #addLead(bar: number, root: number, { brightness }: Bar): void {
    const phrase = bar % 4
    for (let step = 0; step < STEPS; step++) {
      const degree = this.#motif[(phrase % 2) * STEPS + step]
      if (degree === undefined || (phrase === 3 && this.#dice.chance(0.35))) continue
      const note = this.#scale.note(degree + (phrase === 2 ? root % 3 : 0), 3)
      this.#play('lead', [note], bar, step, this.#dice.between(0.7, 1), brightness)
    }
  }

  #play(voice: Voice, notes: readonly number[], bar: number, step: number, velocity: number, brightness: number): void {
    const part = this.#style[`${voice}Part`]
    const level = Math.round(brightness * 3) / 3
    const hold = (part.steps * this.#stepLength * 0.92) / SAMPLE_RATE
    const key = `${voice}/${notes.join()}/${level}`
    const known = this.#tones.get(key)
    const sound = known ?? playTone(part.timbre, notes, hold, level)
    if (known === undefined) this.#tones.set(key, sound)
    const { room, echo } = part
    this.#events.push({
      at: this.#timeOf(bar, step),
      sound,
      gain: part.gain * velocity,
      pan: 0,
      ducks: true,
      room,
      echo,
    })
  }

  #timeOf(bar: number, step: number): number {
    const late = step % 2 === 1 ? this.#style.swing : 0
    return Math.round((bar * STEPS + step + late) * this.#stepLength)
  }
}

/** Two bars of melody over the scale's five safest degrees, walking rather than leaping. */
function writeMotif(dice: Dice, density: number): (number | undefined)[] {
  const degrees = [0, 2, 3, 4, 6, 7, 9]
  let place = dice.whole(1, 4)
  return Array.from({ length: STEPS * 2 }, (_, step) => {
    if (!dice.chance(step % 4 === 0 ? density * 1.4 : density)) return undefined
    place = Math.max(0, Math.min(degrees.length - 1, place + dice.whole(-2, 2)))
    return degrees[place]
  })
}
