import type { Download } from '../../../contract/delivery.ts'
import { movableDownloads } from './group-downloads.ts'

/**
 * The position to ask for so that a download comes to stand where `target` stands now: 0 is the next that begins. Null when that changes nothing.
 */
export function positionAt(downloads: readonly Download[], movedId: string, targetId: string): number | null {
  const movable = movableDownloads(downloads)
  const to = movable.findIndex(({ id }) => id === targetId)
  return to === -1 || movedId === targetId || movable.every(({ id }) => id !== movedId) ? null : to
}

/** The downloads after a move to a position of those that can move; all others keep their places. */
export function afterMove(downloads: readonly Download[], movedId: string, position: number): Download[] {
  const movable = movableDownloads(downloads)
  const places = movable.map((download) => download.position)
  const moved = movable.find(({ id }) => id === movedId)
  if (moved === undefined) return [...downloads]
  const order = movable.filter(({ id }) => id !== movedId).toSpliced(position, 0, moved)
  const placeOf = new Map(order.map(({ id }, index) => [id, places[index] ?? index]))
  return downloads.map((download) => ({ ...download, position: placeOf.get(download.id) ?? download.position }))
}
