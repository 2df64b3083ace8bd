import type { CamelotKey } from '../catalogue-types.ts'

/** Semitones above C of the minor keys 1A to 12A; the major key of the same number lies three semitones higher. */
const MINOR_TONICS = [8, 3, 10, 5, 0, 7, 2, 9, 4, 11, 6, 1] as const
const NATURAL_MINOR = [0, 2, 3, 5, 7, 8, 10] as const
const MAJOR = [0, 2, 4, 5, 7, 9, 11] as const

export interface Scale {
  /** MIDI number of the tonic in the octave from C1. */
  readonly tonic: number
  readonly isMinor: boolean
  /** The MIDI number of a degree of the scale, 0 for the tonic; 7 is an octave higher. */
  note(degree: number, octave: number): number
}

export function scaleOf(key: CamelotKey): Scale {
  const isMinor = key.endsWith('A')
  const minorTonic = MINOR_TONICS[Number.parseInt(key, 10) - 1] ?? 0
  const tonic = 24 + ((minorTonic + (isMinor ? 0 : 3)) % 12)
  const steps = isMinor ? NATURAL_MINOR : MAJOR
  return {
    tonic,
    isMinor,
    note: (degree, octave) => tonic + octave * 12 + Math.floor(degree / 7) * 12 + (steps[((degree % 7) + 7) % 7] ?? 0),
  }
}

/** Roots of four chords, as degrees of the scale. */
export const PROGRESSIONS: Readonly<Record<'minor' | 'major', readonly (readonly number[])[]>> = {
  minor: [
    [0, 5, 2, 6],
    [0, 3, 5, 4],
    [0, 2, 6, 3],
    [0, 5, 3, 6],
  ],
  major: [
    [0, 5, 1, 4],
    [0, 2, 3, 4],
    [5, 3, 0, 4],
    [0, 3, 1, 4],
  ],
}

/** The notes of a chord on a degree: thirds on top of each other, close to middle C whatever the root. */
export function chordNotes(scale: Scale, degree: number, size: number): number[] {
  const notes = Array.from({ length: size }, (_, index) => scale.note(degree + index * 2, 2))
  const folded = notes.map((note) => (note > 67 ? note - 12 : note))
  return folded.sort((a, b) => a - b)
}
