import type { DatabaseSync } from 'node:sqlite'
import type { Network } from '../needs.ts'
import type { AttemptReports } from './attempt-reports.ts'
import { type DownloadEvent, hasEnded, isUnderWay } from './download-machine.ts'
import type { DownloadRuns } from './download-runs.ts'
import type { LiveDownloads } from './live-downloads.ts'
import type { QueueBackground } from './queue-background.ts'
import type { QueueCures } from './queue-cures.ts'
import type { QueueNeeds } from './queue-interface.ts'
import type { QueueRows } from './queue-rows.ts'
import type { RetryAlarm } from './retry-alarm.ts'
import { concernsTheServer, isTimed } from './retry-rules.ts'
import { type DownloadRow, findDownload, listIn } from './rows.ts'
import type { ServerBreaker } from './server-breaker.ts'

/** What follows from what happens to one download: for its run, for the others, and for whoever listens. */
export interface QueueEvents {
  /** For what happens by itself: written later where it can not be written now. */
  dispatch(id: string, event: DownloadEvent): void
  /** For commands. Throws what the database does; then nothing has changed. */
  apply(id: string, event: DownloadEvent): void
}

interface EventsNeeds extends Pick<QueueNeeds, 'emit' | 'onArrived'> {
  readonly db: DatabaseSync
  readonly network: Network
  readonly rows: QueueRows
  readonly live: LiveDownloads
  readonly runs: DownloadRuns
  readonly breaker: ServerBreaker
  readonly alarm: RetryAlarm
  readonly cures: QueueCures
  readonly reports: AttemptReports
  readonly background: QueueBackground
  /** Until when the server is left alone. */
  readonly heldUntil: () => number | null
  readonly isClosed: () => boolean
  readonly discard: (id: string) => Promise<void>
  /** A place may be free. */
  readonly fill: () => void
}

export function createQueueEvents(needs: EventsNeeds): QueueEvents {
  const { db, network, rows, live, runs, breaker, alarm, cures, background } = needs

  function dispatch(id: string, event: DownloadEvent): void {
    rows.attempt(
      () => apply(id, event),
      () => dispatch(id, event),
    )
  }

  function apply(id: string, event: DownloadEvent): void {
    if (!db.isOpen) return
    const before = findDownload(db, id)
    if (before === null) return
    const { row, effects } = rows.change(before, event)
    if (row === before) return
    if (effects.includes('stop')) runs.stop(id)
    if (effects.includes('run')) runs.begin(row)
    if (effects.includes('discard')) background.add(needs.discard(id))
    if (event.type === 'gained') breaker.succeeded()
    if (event.type === 'failed') afterFailure(row, event.retryAfterMs)
    if (row.status !== before.status) afterChange(row)
    else if (row.retryAt !== before.retryAt) live.tell(row)
  }

  function afterChange(row: DownloadRow): void {
    live.tell(row)
    if (row.status === 'done') arrived(row)
    if (hasEnded(row.status)) cures.lookForRoom()
    if (isTimed(row.status)) alarm.set()
    if (!isUnderWay(row.status)) {
      cures.watch()
      needs.fill()
    }
  }

  function afterFailure(row: DownloadRow, retryAfterMs: number | null): void {
    const code = row.reason?.code
    if (code === undefined) return
    if (row.status === 'waiting-for-network') background.add(probe(row.id))
    if (!concernsTheServer(code) || row.retryAt === null) return
    breaker.failed(row.id, row.retryAt, code === 'rate-limited' || retryAfterMs !== null)
    const until = needs.heldUntil()
    if (until === null) return
    for (const other of listIn(db, 'stalled'))
      if (other.reason !== null && concernsTheServer(other.reason.code))
        dispatch(other.id, { type: 'postponed', until })
    alarm.set()
  }

  /** A transfer that broke says little about the network: the server is asked. */
  async function probe(id: string): Promise<void> {
    if (network.check === undefined || !(await network.check()) || needs.isClosed()) return
    dispatch(id, { type: 'server-reached' })
  }

  function arrived(row: DownloadRow): void {
    breaker.succeeded()
    needs.emit({ type: 'library.changed' })
    needs.onArrived(row.content)
    needs.reports.send()
  }

  return { dispatch, apply }
}
