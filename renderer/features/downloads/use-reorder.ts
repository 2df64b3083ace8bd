import { type RefObject, useRef, useState } from 'react'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { useText } from '../../shared/text.ts'
import { patchAnswers, useCommand } from '../../shared/use-call.ts'
import { afterMove, positionAt } from './queue-order.ts'

export interface Reorder {
  /** The download that is being dragged. */
  readonly dragged: string | null
  dragBegan(downloadId: string): void
  dragEnded(): void
  /** Moves a download to the place of another one; a key or a drop on the place where it stands does nothing. */
  movedTo(moved: Download, target: Download | undefined): void
  /** Puts a download before all that wait. */
  madeNext(download: Download): void
  /** Where a move is said aloud. */
  readonly voice: RefObject<HTMLParagraphElement | null>
}

/** Puts downloads at other places of the queue, by dragging and by keys, at once and told to screen readers. */
export function useReorder(downloads: readonly Download[], waiting: readonly Download[]): Reorder {
  const t = useText()
  const voice = useRef<HTMLParagraphElement>(null)
  const [dragged, setDragged] = useState<string | null>(null)
  const move = useCommand(delivery.move, {
    refresh: [delivery.list],
    optimistic: ({ downloadId, position }, queries) =>
      patchAnswers(queries, delivery.list, (list) => ({
        ...list,
        downloads: afterMove(list.downloads, downloadId, position),
      })),
  })
  const next = useCommand(delivery.downloadNext, {
    refresh: [delivery.list],
    optimistic: ({ downloadId }, queries) =>
      patchAnswers(queries, delivery.list, (list) => ({
        ...list,
        downloads: afterMove(list.downloads, downloadId, 0),
      })),
  })
  function say(sentence: string): void {
    if (voice.current !== null) voice.current.textContent = sentence
  }
  return {
    dragged,
    voice,
    dragBegan: setDragged,
    dragEnded: () => setDragged(null),
    movedTo: (moved, target) => {
      const position = target === undefined ? null : positionAt(downloads, moved.id, target.id)
      if (target === undefined || position === null) return
      move.mutate({ downloadId: moved.id, position })
      const place = waiting.findIndex(({ id }) => id === target.id) + 1
      say(t('{title} is now at place {place} of {count}', { title: moved.title, place, count: waiting.length }))
    },
    madeNext: (download) => {
      next.mutate({ downloadId: download.id })
      say(t('{title} comes next', { title: download.title }))
    },
  }
}
