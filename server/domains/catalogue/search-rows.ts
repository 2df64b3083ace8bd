import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { ServerTransaction } from '../../db/transaction.ts'
import { leastSimilarity, searchWords } from './rules.ts'

export interface Search {
  /** The whole query in its comparable form. */
  readonly phrase: string
  readonly words: readonly SearchWord[]
}

interface SearchWord {
  readonly word: string
  /** How alike a text must be, 0 to 1; null: some published item has the word letter by letter, so it is taken as it is written. */
  readonly leastSimilarity: number | null
}

/** Reads a query; null when it holds no word. */
export async function readSearch(
  tx: ServerTransaction,
  table: 'tracks' | 'album_packs',
  query: string | undefined,
): Promise<Search | null> {
  if (query === undefined) return null
  const formed = await sql<{ phrase: string }>`select app.search_form(${query}) as phrase`.execute(tx)
  const phrase = formed.rows[0]?.phrase ?? ''
  const words = searchWords(phrase)
  if (words.length === 0) return null
  const items = sql`${sql.table(table)} c where c.status = 'published'`
  const known = await sql<{ word: string }>`
    select word from unnest(${words}::text[]) as word
    where exists (select from ${items} and c.search_text like '%' || ${literally(sql`word`)} || '%')`.execute(tx)
  const knownWords = new Set(known.rows.map(({ word }) => word))
  const unknown = words.filter((word) => !knownWords.has(word))
  const guesses = unknown.length === 0 ? new Map<string, number>() : await bestGuesses(tx, unknown, items)
  return {
    phrase,
    words: words.map((word) => ({
      word,
      leastSimilarity: knownWords.has(word) ? null : leastSimilarity(word, guesses.get(word) ?? 0),
    })),
  }
}

/** How alike the likest item is to each word that none has. */
async function bestGuesses(
  tx: ServerTransaction,
  words: readonly string[],
  items: RawBuilder<unknown>,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ word: string; best: number | null }>`
    select word, (select max(extensions.word_similarity(word, c.search_text)) from ${items})::float8 as best
    from unnest(${[...words]}::text[]) as word`.execute(tx)
  return new Map(rows.map(({ word, best }) => [word, best ?? 0]))
}

/** True for items that have every word, or for a word that nothing has, one much like it. */
export function matches({ words }: Search): RawBuilder<SqlBool> {
  const each = words.map(({ word, leastSimilarity: least }) =>
    least === null
      ? sql<SqlBool>`c.search_text like '%' || ${literally(sql`${word}::text`)} || '%'`
      : sql<SqlBool>`extensions.word_similarity(${word}, c.search_text) >= ${least}`,
  )
  return sql<SqlBool>`(${sql.join(each, sql` and `)})`
}

/** The title in its comparable form: the search text begins with it. Costs nothing, unlike making it anew for every row. */
export const TITLE_FORM = sql<string>`left(c.search_text, length(c.title))`

/** How well an item fits, higher is better: the phrase in the title, then each word in the title, then likeness. */
export function relevance({ phrase, words }: Search): RawBuilder<number> {
  const each = words.map(
    ({ word }) => sql`extensions.word_similarity(${word}, c.search_text)
      + extensions.word_similarity(${word}, ${TITLE_FORM})
      + case when ' ' || ${TITLE_FORM} like '% ' || ${literally(sql`${word}::text`)} || '%' then 0.5 else 0 end`,
  )
  return sql<number>`round(((${sql.join(each, sql` + `)})::numeric / ${words.length}
    + case when ${TITLE_FORM} = ${phrase} then 3 when starts_with(${TITLE_FORM}, ${phrase}) then 2
      when position(${phrase} in ${TITLE_FORM}) > 0 then 1 else 0 end), 4)`
}

/** A text as a LIKE pattern that matches only itself. */
function literally(text: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`replace(replace(replace(${text}, '\\', '\\\\'), '%', '\\%'), '_', '\\_')`
}
