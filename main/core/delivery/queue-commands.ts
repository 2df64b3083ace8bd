import { AppError } from '../../../contract/errors.ts'
import { toDatabaseDiskError } from '../library/disk.ts'
import { inTransaction } from '../library/rows.ts'
import { hasEnded, isUnderWay, mayCommand } from './download-machine.ts'
import type { DownloadRuns } from './download-runs.ts'
import { enqueue, type Wanted } from './enqueue.ts'
import type { LiveDownloads } from './live-downloads.ts'
import type { MeteredGate } from './metered-gate.ts'
import type { QueueEvents } from './queue-events.ts'
import type { QueueFilling } from './queue-filling.ts'
import { CONCERNS_ALL } from './queue-holds.ts'
import type { QueueCommands, QueueNeeds } from './queue-interface.ts'
import type { QueueOrder } from './queue-order.ts'
import { placeBefore, waitingAt } from './queue-places.ts'
import { type DownloadRow, findDownload, listUnderWay, saveDownload, setQueuePaused } from './rows.ts'

interface CommandsNeeds
  extends Pick<QueueNeeds, 'db' | 'clock' | 'random' | 'settings' | 'limits' | 'emit' | 'onGrown'> {
  readonly order: QueueOrder
  readonly live: LiveDownloads
  readonly runs: DownloadRuns
  readonly metered: MeteredGate
  readonly events: QueueEvents
  readonly filling: QueueFilling
}

export function createQueueCommands(needs: CommandsNeeds): QueueCommands {
  const { db, order, live, metered, limits } = needs
  const { dispatch, apply } = needs.events
  const { fill, cureAll, suspendAll } = needs.filling
  const tellAll = () => needs.emit({ type: 'delivery.changed' })

  function required(id: string): DownloadRow {
    const row = findDownload(db, id)
    if (row === null) throw new AppError('not-found')
    return row
  }

  const view = (id: string) => live.view(required(id))
  const underWay = (): ReadonlySet<string> => new Set(listUnderWay(db).map(({ id }) => id))

  function toFront(id: string): void {
    placeBefore(db, order, id, waitingAt(order, underWay(), id, 0))
    tellAll()
  }

  function put(wanted: Wanted): string {
    return enqueue({ ...needs, stop: (id) => dispatch(id, { type: 'pause' }) }, wanted).id
  }

  function putAll(wanted: readonly Wanted[]): string[] {
    const ids: string[] = []
    try {
      onDatabase(() =>
        inTransaction(db, () => {
          for (const one of wanted) ids.push(put(one))
        }),
      )
      return ids
    } catch (error) {
      for (const id of ids) if (findDownload(db, id) === null) order.remove(id)
      throw error
    }
  }

  function afterPut(): void {
    needs.onGrown()
    fill()
  }

  function setLimit(id: string, bytesPerSecond: number | null): void {
    saveDownload(db, { ...required(id), bytesPerSecondLimit: bytesPerSecond })
    limits.setDownloadLimit(id, bytesPerSecond)
    if (bytesPerSecond === 0) dispatch(id, { type: 'suspended' })
    live.tell(required(id))
    fill()
  }

  /** A place for `id` now, whatever else runs: where all are taken, the youngest run gives up its own. */
  function beginNow(id: string): void {
    if (limits.effective().bytesPerSecond === 0) return
    dispatch(id, metered.mayUse() ? { type: 'slot-given' } : { type: 'metered' })
    const others = new Set([...underWay()].filter((one) => one !== id))
    const least = others.size >= needs.settings.get().parallelDownloads ? needs.runs.youngest(others) : null
    if (least !== null) dispatch(least, { type: 'suspended' })
  }

  return {
    start(wanted) {
      const id = onDatabase(() => put(wanted))
      live.tell(required(id))
      afterPut()
      return view(id)
    },
    startAll(wanted) {
      const ids = putAll(wanted)
      tellAll()
      afterPut()
      return ids.map(view)
    },
    command(id, command) {
      const { status } = required(id)
      if (!mayCommand(status, command)) throw new AppError('not-downloadable')
      onDatabase(() => apply(id, { type: command }))
      // What one waited for that concerns all, all try again.
      if (command === 'retry') for (const of of CONCERNS_ALL) if (of === status) cureAll(of)
      fill()
      return view(id)
    },
    move(id, place) {
      const { status } = required(id)
      if (hasEnded(status) || isUnderWay(status)) return
      placeBefore(db, order, id, waitingAt(order, underWay(), id, place))
      tellAll()
    },
    next(id) {
      const { status } = required(id)
      if (hasEnded(status) || isUnderWay(status)) throw new AppError('not-downloadable')
      toFront(id)
      return view(id)
    },
    now(id) {
      const { status, bytesPerSecondLimit } = required(id)
      if (hasEnded(status)) throw new AppError('not-downloadable')
      if (!isUnderWay(status)) {
        toFront(id)
        if (bytesPerSecondLimit === 0) setLimit(id, null)
        if (status !== 'queued') dispatch(id, { type: status === 'paused' ? 'resume' : 'retry' })
        beginNow(id)
      }
      return view(id)
    },
    limit(id, bytesPerSecond) {
      setLimit(id, bytesPerSecond)
      return view(id)
    },
    pauseAll() {
      setQueuePaused(db, true)
      suspendAll()
      tellAll()
    },
    resumeAll() {
      setQueuePaused(db, false)
      tellAll()
      fill()
    },
  }
}

/** Runs a command; a database that can not be written is thrown as what it means for the user. */
function onDatabase<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toDatabaseDiskError(error) ?? error
  }
}
