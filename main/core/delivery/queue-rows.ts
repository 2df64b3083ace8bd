import type { DatabaseSync } from 'node:sqlite'
import { toDatabaseDiskError } from '../library/disk.ts'
import { inTransaction } from '../library/rows.ts'
import { withoutSync } from '../local-db/unsynced-writes.ts'
import type { Clock, Log } from '../ports.ts'
import { type DownloadEvent, hasEnded, isUnderWay, step } from './download-machine.ts'
import type { LiveDownloads } from './live-downloads.ts'
import type { QueueOrder } from './queue-order.ts'
import { type DownloadRow, saveDownload } from './rows.ts'

/** Before what the database could not take is written again. */
const WRITE_AGAIN_MS = 5_000

/** The rows of the queue as events change them, each on disk before anything follows from it. */
export interface QueueRows {
  /** Saves what an event makes of a row; the effects are the caller's. Throws what the database does; then nothing has changed. */
  change(row: DownloadRow, event: DownloadEvent): { readonly row: DownloadRow; readonly effects: readonly Effect[] }
  /** The same for many, in one write; for events that have no effects. */
  changeAll(rows: readonly DownloadRow[], event: DownloadEvent): DownloadRow[]
  /** What happens by itself is not lost where the database can not take it, as on a full disk: `again` is called later. Null then. */
  attempt<T>(write: () => T, again: () => void): T | null
  close(): void
}

type Effect = ReturnType<typeof step>[1][number]

interface RowsNeeds {
  readonly db: DatabaseSync
  readonly clock: Clock
  readonly log: Log
  readonly order: QueueOrder
  readonly live: Pick<LiveDownloads, 'kept'>
}

export function createQueueRows({ db, clock, log, order, live }: RowsNeeds): QueueRows {
  /** Writes that wait for a database that takes them. */
  const unwritten = new Set<() => void>()

  function change(row: DownloadRow, event: DownloadEvent) {
    const [state, effects] = step(row, event, clock.now())
    if (state === row) return { row, effects }
    const end = hasEnded(state.status)
      ? { finishedAt: row.finishedAt ?? clock.now(), segments: '' }
      : { finishedAt: null }
    const next = { ...row, ...state, ...live.kept(row.id), ...end }
    // A run that is under way is found again by what its queue entry was before, and what it published by its announcement.
    if (isUnderWay(next.status) || event.type === 'finished') withoutSync(db, () => saveDownload(db, next))
    else saveDownload(db, next)
    if (hasEnded(next.status)) order.remove(next.id)
    return { row: next, effects }
  }

  function writeLater(error: unknown, write: () => void): void {
    const cause = toDatabaseDiskError(error)
    if (cause === null) throw error
    log.warn({ code: cause.code }, 'the queue could not be written; it is tried again')
    const stop = clock.after(WRITE_AGAIN_MS, () => {
      unwritten.delete(stop)
      write()
    })
    unwritten.add(stop)
  }

  return {
    change,
    changeAll(rows, event) {
      if (rows.length === 0) return []
      return inTransaction(db, () => rows.map((row) => change(row, event).row))
    },
    attempt(write, again) {
      try {
        return write()
      } catch (error) {
        writeLater(error, again)
        return null
      }
    },
    close() {
      for (const stop of unwritten) stop()
    },
  }
}
