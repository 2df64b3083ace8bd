import type { CamelotKey } from '../../../contract/values.ts'

/** The keys that mix with a key: itself, one step either way round the wheel, and the other letter. */
export function harmonicKeys(key: CamelotKey): CamelotKey[] {
  const hour = Number(key.slice(0, -1))
  const letter = key.endsWith('A') ? 'A' : 'B'
  const before = ((hour + 10) % 12) + 1
  const after = (hour % 12) + 1
  return [key, `${before}${letter}`, `${after}${letter}`, `${hour}${letter === 'A' ? 'B' : 'A'}`]
}

const MOST_WORDS = 8

/** The words of a search in its comparable form (lower case, no accents), without the punctuation around them. */
export function searchWords(searchForm: string): string[] {
  const words = searchForm.split(' ').map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
  return [...new Set(words.filter((word) => word !== ''))].slice(0, MOST_WORDS)
}

/** How near to the best guess another guess must come to be shown beside it. */
const NEAR_THE_BEST = 0.8

/**
 * How alike a text must be to a word that no item has, 0 to 1, when `best` is what the likest one reaches.
 * Short words have few letters to be wrong in.
 */
export function leastSimilarity(word: string, best: number): number {
  return Math.max(word.length < 5 ? 0.5 : 0.3, best * NEAR_THE_BEST)
}

/** Whole seconds until a file should be there: at least 1 while it is not; null once it is. Both moments in ms. */
export function readyInSeconds(isReady: boolean, expectedAt: number | null, now: number): number | null {
  if (isReady || expectedAt === null) return null
  return Math.max(1, Math.ceil((expectedAt - now) / 1000))
}
