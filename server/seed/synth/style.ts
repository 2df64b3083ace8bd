import type { Kit } from './drums.ts'
import type { Timbre } from './tone.ts'

/** Sixteen steps of a bar: `x` loud, `o` soft, `.` nothing. */
export type Pattern = string

export interface Part {
  readonly timbre: Timbre
  readonly gain: number
  /** How much goes to the room and to the echo, 0 to 1. */
  readonly room: number
  readonly echo: number
  /** How long a note is held, in steps. */
  readonly steps: number
}

/** How a genre plays. */
export interface Style {
  readonly kit: Kit
  /** How late every second step comes, as a share of a step. */
  readonly swing: number
  readonly kick: Pattern
  readonly back: Pattern
  readonly backDrum: 'snare' | 'clap' | 'rim'
  readonly hat: Pattern
  readonly openHat: Pattern
  readonly shaker: Pattern
  readonly rim: Pattern
  /** Two bars of bass; a figure is the scale degree above the chord's root, `8` the octave. */
  readonly bass: readonly [Pattern, Pattern]
  readonly bassPart: Part
  readonly chord: readonly [Pattern, Pattern]
  readonly chordPart: Part
  readonly chordSize: number
  readonly padPart: Part
  readonly leadPart: Part
  /** How likely the lead plays on a step. */
  readonly leadDensity: number
  /** How far the music steps back under each kick, 0 to 1. */
  readonly duck: number
  /** How loud the hiss of the tape is. */
  readonly hiss: number
}
