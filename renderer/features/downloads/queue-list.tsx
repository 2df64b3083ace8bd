import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect } from 'react'
import type { Download } from '../../../contract/delivery.ts'
import { useText } from '../../shared/text.ts'
import { DownloadRow } from './download-row.tsx'
import { useKeptFocus } from './use-kept-focus.ts'
import type { Reorder } from './use-reorder.ts'
import { useScrollPlace } from './use-scroll-place.ts'

const HEADING_HEIGHT = 36
const ROW_HEIGHT = 70
const ROW_GAP = 8
const GROUP_GAP = 16

export interface QueueGroup {
  readonly id: string
  readonly title: string
  readonly downloads: readonly Download[]
  /** Its rows can be put into another order. */
  readonly isOrdered: boolean
  readonly action?: ReactNode
}

/** The queue in its groups. Of ten thousand rows only those in sight exist, and the one that has the focus. */
export function QueueList({ groups, reorder }: { groups: readonly QueueGroup[]; reorder: Reorder }) {
  const t = useText()
  const shown = groups.filter(({ downloads }) => downloads.length > 0)
  const starts = firstIndexes(shown)
  const count = shown.reduce((sum, { downloads }) => sum + downloads.length + 1, 0)
  const { box, scroller, margin } = useScrollPlace()
  const focus = useKeptFocus(box)

  /** The group and the row at an index of the flat list; row -1 is the heading. */
  function at(index: number): { group: QueueGroup | undefined; row: number } {
    const which = starts.findLastIndex((start) => start <= index)
    return { group: shown[which], row: index - (starts[which] ?? 0) - 1 }
  }
  function indexOf(downloadId: string | null | undefined): number[] {
    if (downloadId === null || downloadId === undefined) return []
    const which = shown.findIndex(({ downloads }) => downloads.some(({ id }) => id === downloadId))
    const row = shown[which]?.downloads.findIndex(({ id }) => id === downloadId) ?? -1
    return row === -1 ? [] : [(starts[which] ?? 0) + 1 + row]
  }
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: (index) =>
      at(index).row === -1 ? HEADING_HEIGHT + (index === 0 ? 0 : GROUP_GAP) : ROW_HEIGHT + ROW_GAP,
    getItemKey: (index) => {
      const { group, row } = at(index)
      return row === -1 ? `group ${group?.id}` : (group?.downloads[row]?.id ?? index)
    },
    rangeExtractor: (range: Range) =>
      [
        ...new Set([
          ...defaultRangeExtractor(range),
          ...starts,
          ...indexOf(focus.place.current?.downloadId),
          ...indexOf(reorder.dragged),
        ]),
      ].sort((left, right) => left - right),
    overscan: 6,
    scrollMargin: margin,
  })
  const items = rows.getVirtualItems()
  const [focused] = indexOf(focus.place.current?.downloadId)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has the focus is brought into sight when its place changes.
  useEffect(() => {
    const { activeElement } = document
    if (focused !== undefined && box.current?.contains(activeElement))
      activeElement?.scrollIntoView({ block: 'nearest' })
  }, [focused])
  const placed = (index: number) => ({
    ref: rows.measureElement,
    'data-index': index,
    className: 'absolute inset-x-0 top-0',
  })

  return (
    <div ref={box} onFocusCapture={focus.moved} className="relative" style={{ height: rows.getTotalSize() }}>
      {shown.map((group, which) => {
        const first = starts[which] ?? 0
        const last = first + group.downloads.length
        const inside = items.filter(({ index }) => index > first && index <= last)
        const heading = items.find(({ index }) => index === first)
        return (
          <section key={group.id} aria-label={group.title}>
            {heading !== undefined && (
              <div {...placed(first)} style={{ transform: `translateY(${heading.start - margin}px)` }}>
                <div className={which === 0 ? 'pb-2' : 'pt-4 pb-2'}>
                  <div className="flex h-7 items-center justify-between">
                    <h2 className="font-semibold text-sm">
                      {group.title}{' '}
                      <span className="figures font-normal text-muted">{group.downloads.length.toLocaleString()}</span>
                    </h2>
                    {group.action}
                  </div>
                </div>
              </div>
            )}
            <ul aria-label={t('{title}, {count} downloads', { title: group.title, count: group.downloads.length })}>
              {inside.map(({ index, start }) => {
                const row = index - first - 1
                const download = group.downloads[row]
                if (download === undefined) return null
                return (
                  <li
                    key={download.id}
                    {...placed(index)}
                    data-download={download.id}
                    aria-label={download.title}
                    aria-posinset={row + 1}
                    aria-setsize={group.downloads.length}
                    style={{ transform: `translateY(${start - margin}px)` }}
                  >
                    <div className="pb-2">
                      <DownloadRow
                        download={download}
                        line={group.isOrdered ? group.downloads : NO_LINE}
                        place={row}
                        reorder={reorder}
                      />
                    </div>
                  </li>
                )
              })}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

const NO_LINE: readonly Download[] = []

/** Where each group begins in the flat list of headings and rows. */
function firstIndexes(groups: readonly QueueGroup[]): number[] {
  const starts: number[] = []
  let next = 0
  for (const { downloads } of groups) {
    starts.push(next)
    next += downloads.length + 1
  }
  return starts
}
