import type { LiveDownloads } from './live-downloads.ts'
import type { MeteredGate } from './metered-gate.ts'
import type { QueueEvents } from './queue-events.ts'
import { type HoldNeeds, isQueueHeld } from './queue-holds.ts'
import type { QueueNeeds } from './queue-interface.ts'
import type { QueueRows } from './queue-rows.ts'
import type { WaitingStatus } from './retry-rules.ts'
import { countIn, countUnderWay, type DownloadRow, listIn, listUnderWay, nextQueued } from './rows.ts'

/** Changes at once that are told as one. */
const MANY = 20

/** Begins what may run and puts back what may not. */
export interface QueueFilling {
  /** Gives the free places to those that are next. */
  fill(): void
  /** The settings, the limit or the connection are others: what may not run is put back, what may is begun. */
  reconsider(): void
  /** What all that wait so wait for is there. */
  cureAll(of: WaitingStatus): void
  wakeSignedIn(): void
  suspendAll(): void
}

interface FillingNeeds extends Pick<QueueNeeds, 'db' | 'settings' | 'signIn' | 'emit'> {
  readonly rows: QueueRows
  readonly live: LiveDownloads
  readonly metered: MeteredGate
  readonly holds: HoldNeeds
  readonly isClosed: () => boolean
  readonly dispatch: QueueEvents['dispatch']
}

export function createQueueFilling(needs: FillingNeeds): QueueFilling {
  const { db, rows, live, metered, holds, isClosed, dispatch } = needs

  function fill(): void {
    // Places are counted last: looking at the limit may find that the schedule has changed it, and that begins downloads too.
    for (
      let left = needs.settings.get().parallelDownloads;
      left > 0 && !isQueueHeld(holds) && freePlaces() > 0;
      left--
    ) {
      const next = nextQueued(db)
      if (next === null) return
      dispatch(next.id, metered.mayUse() ? { type: 'slot-given' } : { type: 'metered' })
    }
  }

  function freePlaces(): number {
    if (isClosed() || !db.isOpen) return 0
    const taken = countUnderWay(db) + (metered.mayUse() ? 0 : countIn(db, 'needs-consent'))
    return needs.settings.get().parallelDownloads - taken
  }

  function reconsider(): void {
    if (isClosed()) return
    if (!metered.mayUse()) for (const { id } of listUnderWay(db)) dispatch(id, { type: 'metered' })
    else cureAll('needs-consent')
    if (holds.limit() === 0) suspendAll()
    fill()
    needs.emit({ type: 'delivery.changed' })
  }

  function suspendAll(): void {
    for (const { id } of listUnderWay(db)) dispatch(id, { type: 'suspended' })
  }

  function cureAll(of: WaitingStatus): void {
    if (isClosed() || !db.isOpen) return
    const changed = rows.attempt(
      (): readonly DownloadRow[] => rows.changeAll(listIn(db, of), { type: 'cured', of }),
      () => cureAll(of),
    )
    if (changed === null || changed.length === 0) return
    if (changed.length > MANY) needs.emit({ type: 'delivery.changed' })
    else for (const row of changed) live.tell(row)
    fill()
  }

  function wakeSignedIn(): void {
    if (needs.signIn?.isReady() === false) return
    cureAll('needs-sign-in')
    cureAll('needs-device')
  }

  return { fill, reconsider, cureAll, wakeSignedIn, suspendAll }
}
