import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type KeyboardEvent, useRef } from 'react'
import type { LibraryItem } from '../../../contract/library.ts'
import { player } from '../../shared/state/player.ts'
import { useText } from '../../shared/text.ts'
import { itemToPlayable } from '../../shared/track/use-play.ts'
import { classNames } from '../../shared/ui/class-names.ts'
import { COLUMNS } from './columns.ts'
import { LibraryRow } from './library-row.tsx'
import type { SortColumn } from './sort-items.ts'
import type { Selection } from './use-selection.ts'

const ROW_HEIGHT = 44
const PAGE_ROWS = 10

interface LibraryTableProps {
  readonly items: readonly LibraryItem[]
  readonly selection: Selection
  readonly sort: { readonly by: SortColumn; readonly isDescending: boolean }
  readonly onSort: (by: SortColumn) => void
  readonly onRepair: (trackId: string) => void
  /** Letters typed on the table search it. */
  readonly onTyped: (letter: string) => void
}

/** The library as rows; only those in sight exist. Arrows move, Shift extends, Space plays, Ctrl+A takes all. */
export function LibraryTable({ items, selection, sort, onSort, onRepair, onTyped }: LibraryTableProps) {
  const t = useText()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  })
  const at = items.findIndex(({ trackId }) => trackId === selection.cursor)

  function play(index: number): void {
    const queue = items.map(itemToPlayable).filter((each) => each !== null)
    const position = queue.findIndex(({ trackId }) => trackId === items[index]?.trackId)
    if (position >= 0) player.played(queue, position)
  }
  function moveTo(index: number, isRange: boolean): void {
    const item = items[Math.min(items.length - 1, Math.max(0, index))]
    if (item === undefined) return
    selection.rowChosen(item.trackId, { isAdding: false, isRange })
    rows.scrollToIndex(items.indexOf(item))
  }
  function onKey(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return
    const { key, shiftKey } = event
    const isCommand = event.ctrlKey || event.metaKey
    if (key === 'ArrowDown') moveTo(at + 1, shiftKey)
    else if (key === 'ArrowUp') moveTo(at === -1 ? 0 : at - 1, shiftKey)
    else if (key === 'PageDown') moveTo(at + PAGE_ROWS, shiftKey)
    else if (key === 'PageUp') moveTo(at - PAGE_ROWS, shiftKey)
    else if (key === 'Home') moveTo(0, shiftKey)
    else if (key === 'End') moveTo(items.length - 1, shiftKey)
    else if (key === ' ' || key === 'Enter') play(Math.max(0, at))
    else if (key === 'Escape') selection.cleared()
    else if (isCommand && key.toLowerCase() === 'a') selection.allChosen()
    else if (!isCommand && !event.altKey && key.length === 1) onTyped(key)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="flex min-h-0 grow flex-col">
      {/* biome-ignore lint/a11y/useSemanticElements: rows are placed by a virtualiser, which a table element can not do. */}
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={t('Library')}
        aria-rowcount={items.length + 1}
        aria-multiselectable
        aria-activedescendant={at === -1 ? undefined : `library-${items[at]?.trackId}`}
        onKeyDown={onKey}
        className="min-h-0 grow overflow-auto -outline-offset-2"
      >
        {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: part of the grid above; its buttons take the focus. */}
        <div
          role="row"
          aria-rowindex={1}
          className="sticky top-0 z-10 flex h-9 items-center gap-3 border-line border-b bg-ground px-4 md:px-6"
        >
          {COLUMNS.map(({ id, word, className }) => (
            // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: part of the grid above; its button takes the focus.
            <div
              key={id}
              role="columnheader"
              aria-sort={sort.by === id ? (sort.isDescending ? 'descending' : 'ascending') : 'none'}
              className={className}
            >
              {word === '' ? (
                <span className="sr-only">{t(id === 'play' ? 'Play' : 'More')}</span>
              ) : (
                <button
                  type="button"
                  onClick={() => onSort(id as SortColumn)}
                  className={classNames(
                    'inline-flex items-center gap-1 rounded-control text-xs hover:text-text',
                    sort.by === id ? 'text-text' : 'text-muted',
                  )}
                >
                  {t(word)}
                  {sort.by === id &&
                    (sort.isDescending ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
                </button>
              )}
            </div>
          ))}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: part of the grid above. */}
        <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const item = items[index]
            if (item === undefined) return null
            return (
              <LibraryRow
                key={item.trackId}
                item={item}
                rowIndex={index + 2}
                top={start}
                isChosen={selection.ids.has(item.trackId)}
                isCursor={index === at}
                onChoose={(how) => {
                  selection.rowChosen(item.trackId, how)
                  scroller.current?.focus({ preventScroll: true })
                }}
                onPlay={() => play(index)}
                onRepair={() => onRepair(item.trackId)}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}
