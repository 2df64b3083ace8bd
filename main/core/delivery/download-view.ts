import type { Download } from '../../../contract/delivery.ts'
import type { RateMeter } from './rate-meter.ts'
import type { DownloadRow, ListedDownload } from './rows.ts'
import type { SegmentLedger } from './segment-ledger.ts'

/** Cells of the picture of segments. */
const CELLS = 400
/** Attempts are told of when so many or fewer are left: from the third used one on, of the usual five. */
const FEW_ATTEMPTS = 2

/** What is known of a download while its run is at work. */
export interface LiveProgress {
  readonly ledger: SegmentLedger
  readonly meter: RateMeter
}

/** The progress that is kept with a row. */
export function keptProgress({ ledger }: LiveProgress): Pick<DownloadRow, 'receivedBytes' | 'segments'> {
  return { receivedBytes: ledger.receivedBytes(), segments: ledger.cells(CELLS) }
}

/** A row as everyone else sees it; `position` is its place in the list, `now` on the monotonic clock. */
export function toDownloadView(
  row: ListedDownload,
  live: LiveProgress | null,
  position: number,
  now: number,
): Download {
  const { receivedBytes, segments } = live === null ? row : keptProgress(live)
  const bytesPerSecond = row.status === 'downloading' ? (live?.meter.bytesPerSecond(now) ?? null) : null
  const isMoving = bytesPerSecond !== null && bytesPerSecond > 0 && row.totalBytes !== null
  return {
    id: row.id,
    content: row.content,
    title: row.title,
    artist: row.artist,
    cover: row.cover,
    status: row.status,
    receivedBytes,
    totalBytes: row.totalBytes,
    bytesPerSecond,
    secondsLeft: isMoving ? Math.ceil(((row.totalBytes ?? 0) - receivedBytes) / bytesPerSecond) : null,
    segments,
    reason: row.reason,
    retryAt: row.status === 'stalled' ? toInstant(row.retryAt) : null,
    driveName: row.driveName,
    missingBytes: row.missingBytes,
    bytesPerSecondLimit: row.bytesPerSecondLimit,
    format: row.format,
    attemptsLeft: row.attemptsLeft !== null && row.attemptsLeft <= FEW_ATTEMPTS ? row.attemptsLeft : null,
    position,
    addedAt: new Date(row.addedAt).toISOString(),
    finishedAt: toInstant(row.finishedAt),
  }
}

/** A time in milliseconds since 1970 as text; null stays null. */
export function toInstant(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
