import type { SortColumn } from './sort-items.ts'

interface Column {
  readonly id: SortColumn | 'play' | 'menu'
  readonly word: string
  readonly className: string
}

const LESS = 'max-lg:hidden'

/** The columns of the library, left to right, with the widths that head and rows share. */
export const COLUMNS: readonly Column[] = [
  { id: 'play', word: '', className: 'w-8 shrink-0' },
  { id: 'title', word: 'Title', className: 'min-w-0 flex-[4]' },
  { id: 'artist', word: 'Artist', className: 'min-w-0 flex-[3] max-sm:hidden' },
  { id: 'bpm', word: 'BPM', className: 'w-11 shrink-0 text-right' },
  { id: 'key', word: 'Key', className: 'w-10 shrink-0' },
  { id: 'length', word: 'Length', className: `w-14 shrink-0 text-right ${LESS}` },
  { id: 'added', word: 'Owned since', className: `w-28 shrink-0 ${LESS}` },
  { id: 'state', word: 'State', className: 'w-40 shrink-0 max-sm:w-36' },
  { id: 'menu', word: '', className: 'w-7 shrink-0' },
]

/** The class of a column, for a cell of a row. */
export function columnClass(id: Column['id']): string {
  return COLUMNS.find((column) => column.id === id)?.className ?? ''
}
