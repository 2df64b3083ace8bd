import type { LibraryItem } from '../../../contract/library.ts'

export type SortColumn = 'title' | 'artist' | 'bpm' | 'key' | 'length' | 'state' | 'added'

const KEY_OF: Record<SortColumn, (item: LibraryItem) => string | number | null> = {
  title: ({ title }) => title,
  artist: ({ artist }) => artist,
  bpm: ({ bpm }) => bpm,
  key: ({ key }) => (key === null ? null : Number.parseInt(key, 10) * 2 + (key.endsWith('B') ? 1 : 0)),
  length: ({ durationSeconds }) => durationSeconds,
  state: ({ state }) => state,
  added: ({ ownedSince }) => ownedSince,
}

/** The items by a column, what is unknown last; equal ones keep their order. Keys go around the wheel. */
export function sortItems(
  items: readonly LibraryItem[],
  by: SortColumn,
  isDescending: boolean,
): readonly LibraryItem[] {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
  const sign = isDescending ? -1 : 1
  return items.toSorted((left, right) => {
    const [a, b] = [KEY_OF[by](left), KEY_OF[by](right)]
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b)))
  })
}
