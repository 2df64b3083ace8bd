import { type RefObject, useRef, useState } from 'react'
import { delivery } from '../../../contract/delivery.ts'
import { useText } from '../../shared/text.ts'
import { patchAnswers, useCommand } from '../../shared/use-call.ts'

export interface Reorder {
  /** The download that is being dragged. */
  readonly dragged: string | null
  dragBegan(downloadId: string): void
  dragEnded(): void
  movedTo(downloadId: string, position: number, title: string): void
  /** Where a move is said aloud. */
  readonly voice: RefObject<HTMLParagraphElement | null>
}

/** Puts downloads at other places of the queue, by dragging and by keys, at once and told to screen readers. */
export function useReorder(): Reorder {
  const t = useText()
  const voice = useRef<HTMLParagraphElement>(null)
  const [dragged, setDragged] = useState<string | null>(null)
  const move = useCommand(delivery.move, {
    refresh: [delivery.list],
    optimistic: ({ downloadId, position }, queries) =>
      patchAnswers(queries, delivery.list, (list) => {
        const moved = list.downloads.find(({ id }) => id === downloadId)
        if (moved === undefined) return list
        const rest = list.downloads.filter(({ id }) => id !== downloadId).sort((a, b) => a.position - b.position)
        rest.splice(position, 0, moved)
        return { ...list, downloads: rest.map((download, index) => ({ ...download, position: index })) }
      }),
  })
  return {
    dragged,
    voice,
    dragBegan: setDragged,
    dragEnded: () => setDragged(null),
    movedTo: (downloadId, position, title) => {
      move.mutate({ downloadId, position })
      if (voice.current !== null) {
        voice.current.textContent = t('{title} is now at place {place}', { title, place: position + 1 })
      }
    },
  }
}
