import type { DatabaseSync } from 'node:sqlite'
import type { Download } from '../../../contract/delivery.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import type { Clock } from '../ports.ts'
import { isUnderWay } from './download-machine.ts'
import { keptProgress, type LiveProgress, toDownloadView } from './download-view.ts'
import type { QueueOrder } from './queue-order.ts'
import { createRateMeter } from './rate-meter.ts'
import { type DownloadRow, findDownload, type ListedDownload } from './rows.ts'
import type { SegmentLedger } from './segment-ledger.ts'

/** Between two reports of progress of one download. */
const PROGRESS_MS = 250

/** What is known of downloads while runs are at work, and what others are told of them: every change of state, progress four times a second. */
export interface LiveDownloads {
  begins(id: string, ledger: SegmentLedger): void
  gained(id: string, bytes: number): void
  ends(id: string): void
  /** The progress to keep with a row; nothing where no run is at work. */
  kept(id: string): Partial<Pick<DownloadRow, 'receivedBytes' | 'segments'>>
  view(row: ListedDownload, place?: number): Download
  /** Of all that download now. */
  bytesPerSecond(): number
  tell(row: DownloadRow): void
  close(): void
}

interface LiveNeeds {
  readonly db: DatabaseSync
  readonly clock: Clock
  readonly order: QueueOrder
  readonly emit: (event: CoreEvent) => void
  /** Hears of each report of progress. */
  readonly onTold: () => void
}

export function createLiveDownloads({ db, clock, order, emit, onTold }: LiveNeeds): LiveDownloads {
  const live = new Map<string, LiveProgress>()
  const toldAt = new Map<string, number>()
  const later = new Map<string, () => void>()

  function view(row: ListedDownload, place = order.placeOf(row.id)): Download {
    return toDownloadView(row, live.get(row.id) ?? null, place, clock.monotonic())
  }

  function tell(row: DownloadRow): void {
    if (isUnderWay(row.status)) toldAt.set(row.id, clock.monotonic())
    else toldAt.delete(row.id)
    emit({ type: 'delivery.progressed', download: view(row) })
  }

  function tellSoon(id: string): void {
    if (later.has(id)) return
    const wait = Math.max(0, (toldAt.get(id) ?? 0) + PROGRESS_MS - clock.monotonic())
    const stop = clock.after(wait, () => {
      later.delete(id)
      const row = findDownload(db, id)
      if (row !== null && isUnderWay(row.status)) tell(row)
      onTold()
    })
    later.set(id, stop)
  }

  function ends(id: string): void {
    live.delete(id)
    later.get(id)?.()
    later.delete(id)
  }

  return {
    begins(id, ledger) {
      live.set(id, { ledger, meter: live.get(id)?.meter ?? createRateMeter() })
    },
    gained(id, bytes) {
      live.get(id)?.meter.add(bytes, clock.monotonic())
      tellSoon(id)
    },
    ends,
    kept(id) {
      const progress = live.get(id)
      return progress === undefined ? {} : keptProgress(progress)
    },
    view,
    bytesPerSecond() {
      const now = clock.monotonic()
      return [...live.values()].reduce((sum, { meter }) => sum + (meter.bytesPerSecond(now) ?? 0), 0)
    },
    tell,
    close() {
      for (const stop of later.values()) stop()
      later.clear()
    },
  }
}
