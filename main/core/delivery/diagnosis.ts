import { isWaiting } from './retry-rules.ts'
import type { DownloadRow } from './rows.ts'

/** What a report on one download needs beside its row. Instants are milliseconds since 1970. */
export interface DiagnosisFacts {
  readonly version: string
  readonly now: number
  readonly isOnline: boolean
  readonly isQueuePaused: boolean
  readonly receivedBytes: number
  readonly verifiedSegments: number
  readonly freeBytes: number | null
  readonly bytesPerSecondLimit: number | null
  readonly parallelDownloads: number
  readonly connectionsPerFile: number
}

/** Facts about a download as text to copy into a report: states, codes and counts, and nothing that names a person, a place or a secret. */
export function describeDownload(row: DownloadRow, facts: DiagnosisFacts): string {
  const lines: readonly (readonly [string, string | number | boolean | null])[] = [
    ['MixMint', `${facts.version}, ${process.platform} ${process.arch}`],
    ['written at', instant(facts.now)],
    ['download', row.id],
    ['content', `${row.content.contentType} ${row.content.contentId}`],
    ['format asked for', row.format],
    ['status', row.status],
    ['reason', row.reason?.code ?? null],
    ['failures in a row', row.failures],
    ['runs', row.run],
    ['tries again at', isWaiting(row.status) ? instant(row.retryAt) : null],
    ['added at', instant(row.addedAt)],
    ['finished at', instant(row.finishedAt)],
    ['bytes here', facts.receivedBytes],
    ['bytes in all', row.totalBytes],
    ['segments verified', facts.verifiedSegments],
    ['bytes missing on the disk', row.missingBytes],
    ['bytes free on the disk', facts.freeBytes],
    ['file, SHA-256', row.objectSha256],
    ['tracks of the pack', row.contents?.length ?? null],
    ['attempts left', row.attemptsLeft],
    ['has an attempt', row.attemptId !== null],
    ['bytes per second, this download', row.bytesPerSecondLimit],
    ['bytes per second, all', facts.bytesPerSecondLimit],
    ['downloads at once', facts.parallelDownloads],
    ['connections for a file', facts.connectionsPerFile],
    ['server reached', facts.isOnline],
    ['queue paused', facts.isQueuePaused],
  ]
  return lines.map(([name, value]) => `${name}: ${value ?? '-'}`).join('\n')
}

function instant(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
