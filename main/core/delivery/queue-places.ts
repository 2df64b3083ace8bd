import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../library/rows.ts'
import type { QueueOrder } from './queue-order.ts'
import { saveDownloadPosition } from './rows.ts'

/** Puts a download before another one, or last where `next` is null: one row is written, unless no number is left between its neighbours. */
export function placeBefore(db: DatabaseSync, order: QueueOrder, id: string, next: string | null): void {
  let position = order.positionBefore(id, next)
  if (position === null) {
    const ids = [...order.ids()]
    inTransaction(db, () => {
      for (const [index, one] of ids.entries()) saveDownloadPosition(db, one, index + 1)
    })
    for (const [index, one] of ids.entries()) order.put(one, index + 1)
    position = order.positionBefore(id, next) ?? order.end()
  }
  saveDownloadPosition(db, id, position)
  order.put(id, position)
}

/** The one that stands at `place` among those that wait, `id` itself left out; null behind the last. */
export function waitingAt(order: QueueOrder, underWay: ReadonlySet<string>, id: string, place: number): string | null {
  return order.ids().filter((one) => one !== id && !underWay.has(one))[place] ?? null
}
