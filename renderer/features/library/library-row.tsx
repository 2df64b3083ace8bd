import type { LibraryItem } from '../../../contract/library.ts'
import { formatDate, formatLength } from '../../shared/format/time.ts'
import { PlayButton } from '../../shared/track/play-button.tsx'
import { itemToPlayable } from '../../shared/track/use-play.ts'
import { classNames } from '../../shared/ui/class-names.ts'
import { Cover } from '../../shared/ui/cover.tsx'
import { KeyBadge } from '../../shared/ui/key-badge.tsx'
import { columnClass } from './columns.ts'
import { RowMenu } from './row-menu.tsx'
import { RowState } from './row-state.tsx'

interface LibraryRowProps {
  readonly item: LibraryItem
  readonly rowIndex: number
  /** Pixels from the top of the rows. */
  readonly top: number
  readonly isChosen: boolean
  readonly isCursor: boolean
  readonly onChoose: (how: { isAdding: boolean; isRange: boolean }) => void
  readonly onPlay: () => void
  readonly onRepair: () => void
}

const CELL = 'flex items-center'

/** One owned track; a click chooses it, a double click plays it. */
export function LibraryRow({ item, rowIndex, top, isChosen, isCursor, onChoose, onPlay, onRepair }: LibraryRowProps) {
  const { trackId, title, artist, bpm, key, durationSeconds, ownedSince, cover } = item
  const cell = (id: Parameters<typeof columnClass>[0], more = ''): string => classNames(CELL, columnClass(id), more)
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: a row of a virtual grid; the grid keeps the focus and handles the keys.
    <div
      role="row"
      id={`library-${trackId}`}
      aria-rowindex={rowIndex}
      aria-selected={isChosen}
      onClick={(event) => onChoose({ isAdding: event.ctrlKey || event.metaKey, isRange: event.shiftKey })}
      onDoubleClick={onPlay}
      style={{ transform: `translateY(${top}px)` }}
      className={classNames(
        'group absolute inset-x-0 top-0 flex h-11 select-none items-center gap-3 border-line border-b px-4 text-sm md:px-6',
        isChosen ? 'bg-mint-wash' : 'hover:bg-panel',
        isCursor && 'shadow-[inset_2px_0_0_var(--mint)]',
      )}
    >
      {/* biome-ignore-start lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: cells of a virtual grid, which keeps the focus itself. */}
      <div role="gridcell" className={cell('play', 'relative')}>
        <Cover media={cover} className="size-8" />
        <PlayButton
          trackId={trackId}
          title={title}
          isDisabled={itemToPlayable(item) === null}
          onPlay={onPlay}
          className="absolute inset-0 m-auto size-7 bg-mint-fill text-on-mint opacity-0 focus-visible:opacity-100 group-hover:opacity-100 aria-pressed:opacity-100"
        />
      </div>
      <div role="gridcell" className={cell('title')}>
        <span className="truncate font-medium" title={title}>
          {title}
        </span>
      </div>
      <div role="gridcell" className={cell('artist', 'text-muted')}>
        <span className="truncate">{artist}</span>
      </div>
      <div role="gridcell" className={cell('bpm', 'figures justify-end text-muted')}>
        {bpm === null ? '–' : Math.round(bpm)}
      </div>
      <div role="gridcell" className={cell('key')}>
        <KeyBadge musicalKey={key} />
      </div>
      <div role="gridcell" className={cell('length', 'figures justify-end text-muted')}>
        {durationSeconds === null ? '–' : formatLength(durationSeconds)}
      </div>
      <div role="gridcell" className={cell('added', 'figures text-muted')}>
        {formatDate(ownedSince)}
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: only keeps a click on its button from choosing the row. */}
      <div role="gridcell" className={cell('state')} onClick={(event) => event.stopPropagation()}>
        <RowState item={item} />
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: only keeps a click on its menu from choosing the row. */}
      <div role="gridcell" className={cell('menu')} onClick={(event) => event.stopPropagation()}>
        <RowMenu item={item} onRepair={onRepair} />
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: see above. */}
    </div>
  )
}
