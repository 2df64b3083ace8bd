import { GripVertical } from 'lucide-react'
import type { Download } from '../../../contract/delivery.ts'
import { useText } from '../../shared/text.ts'
import type { Reorder } from './use-reorder.ts'

interface MoveHandleProps {
  readonly download: Download
  /** From 0. */
  readonly place: number
  readonly placeCount: number
  readonly reorder: Reorder
}

/** Takes a download to another place of the queue by dragging; its row listens to the keys. */
export function MoveHandle({ download, place, placeCount, reorder }: MoveHandleProps) {
  const t = useText()
  const { id, title } = download
  return (
    <button
      type="button"
      draggable
      data-control="handle"
      aria-label={t('Move {title}: place {place} of {count}. Use the arrow keys, Home or End.', {
        title,
        place: place + 1,
        count: placeCount,
      })}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move'
        reorder.dragBegan(id)
      }}
      onDragEnd={reorder.dragEnded}
      className="flex h-11 w-5 shrink-0 cursor-grab items-center justify-center rounded-control text-muted hover:text-text"
    >
      <GripVertical size={16} strokeWidth={1.5} aria-hidden />
    </button>
  )
}
