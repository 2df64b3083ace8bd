import { createHash } from 'node:crypto'

/** A source of numbers from 0 up to 1 that gives the same row for the same seed (mulberry32, seeded by SHA-256). */
export function seededRandom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readInt32LE(0)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Choices on top of a source of numbers. */
export interface Dice {
  /** From `least` up to `most`. */
  between(least: number, most: number): number
  /** A whole number from `least` to `most`, both possible. */
  whole(least: number, most: number): number
  /** One of the values; throws if there are none. */
  pick<T>(values: readonly T[]): T
  /** True with the given probability. */
  chance(probability: number): boolean
}

export function diceFrom(seed: string): Dice {
  const random = seededRandom(seed)
  return {
    between: (least, most) => least + random() * (most - least),
    whole: (least, most) => least + Math.floor(random() * (most - least + 1)),
    pick: (values) => {
      const value = values[Math.floor(random() * values.length)]
      if (value === undefined) throw new RangeError('There is nothing to choose from')
      return value
    },
    chance: (probability) => random() < probability,
  }
}
