import { useCallback, useState } from 'react'
import type { LibraryItem } from '../../../contract/library.ts'

export interface Selection {
  readonly ids: ReadonlySet<string>
  /** The row that keys act on. */
  readonly cursor: string | null
  /** A click or key on a row: alone, with Ctrl added or taken out, with Shift from the anchor. */
  rowChosen(trackId: string, how: { isAdding: boolean; isRange: boolean }): void
  allChosen(): void
  cleared(): void
}

/** Which rows of a list are chosen, by the rules of file browsers. */
export function useSelection(items: readonly LibraryItem[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const [cursor, setCursor] = useState<string | null>(null)
  const [anchor, setAnchor] = useState<string | null>(null)
  const rowChosen = useCallback<Selection['rowChosen']>(
    (trackId, { isAdding, isRange }) => {
      setCursor(trackId)
      if (isRange) {
        const from = items.findIndex((item) => item.trackId === (anchor ?? trackId))
        const to = items.findIndex((item) => item.trackId === trackId)
        const range = items.slice(Math.max(0, Math.min(from, to)), Math.max(from, to) + 1)
        setIds(new Set(range.map((item) => item.trackId)))
        return
      }
      setAnchor(trackId)
      setIds((former) => {
        if (!isAdding) return new Set([trackId])
        const next = new Set(former)
        if (!next.delete(trackId)) next.add(trackId)
        return next
      })
    },
    [items, anchor],
  )
  return {
    ids,
    cursor,
    rowChosen,
    allChosen: () => setIds(new Set(items.map(({ trackId }) => trackId))),
    cleared: () => setIds(new Set()),
  }
}
