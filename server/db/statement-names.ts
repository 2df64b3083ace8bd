import { createHash } from 'node:crypto'

/** Statements that come again are worth a plan of their own on each connection; most texts of a server do. */
const PREPARED_FROM = 3
const MOST_TEXTS = 500

/** Names for statements that are to be prepared; null: not worth it (yet). */
export class StatementNames {
  readonly #known = new Map<string, { times: number; name: string | null }>()

  nameOf(text: string): string | null {
    const known = this.#known.get(text)
    if (known === undefined) {
      if (this.#known.size < MOST_TEXTS) this.#known.set(text, { times: 1, name: null })
      return null
    }
    known.times += 1
    if (known.name === null && known.times >= PREPARED_FROM)
      known.name = createHash('sha256').update(text).digest('base64url').slice(0, 24)
    return known.name
  }
}
