/**
 * Decisions that look random and are the same for the same seed: xoshiro128** (Blackman and Vigna, 2018), seeded by splitmix32. Every decision of a
 * chaos run comes from one of these, so that its seed alone repeats it.
 */
export interface Dice {
  readonly seed: number
  /** 0 up to, not including, 1. */
  next(): number
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number
  /** True with that probability. */
  chance(probability: number): boolean
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** The list in another order; the list itself stays as it is. */
  shuffled<T>(list: readonly T[]): T[]
  bytes(length: number): Buffer
  /** A version 4 uuid. */
  uuid(): string
}

export function dice(seed: number): Dice {
  const mix = splitmix(seed)
  let [a, b, c, d] = [mix(), mix(), mix(), mix()]

  function word(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result
  }

  const below = (limit: number) => Math.floor((word() / 2 ** 32) * limit)

  function bytes(length: number): Buffer {
    const filled = Buffer.allocUnsafe(Math.ceil(length / 4) * 4)
    for (let at = 0; at < filled.length; at += 4) filled.writeUInt32LE(word(), at)
    return filled.subarray(0, length)
  }

  return {
    seed,
    next: () => word() / 2 ** 32,
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => word() / 2 ** 32 < probability,
    pick(list) {
      const picked = list[below(list.length)]
      if (picked === undefined && list.length === 0) throw new Error('Nothing to pick from')
      return picked as (typeof list)[number]
    },
    shuffled(list) {
      const result = [...list]
      for (let last = result.length - 1; last > 0; last--) {
        const other = below(last + 1)
        const moved = result[last]
        result[last] = result[other] as (typeof result)[number]
        result[other] = moved as (typeof result)[number]
      }
      return result
    },
    bytes,
    uuid() {
      const hex = bytes(16).toString('hex')
      const variant = '89ab'[below(4)]
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
    },
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

function splitmix(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let word = state ^ (state >>> 16)
    word = Math.imul(word, 0x21f0aaad)
    word ^= word >>> 15
    word = Math.imul(word, 0x735a2d97)
    return (word ^ (word >>> 15)) >>> 0
  }
}
