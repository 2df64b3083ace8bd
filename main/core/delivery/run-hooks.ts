import type { DatabaseSync } from 'node:sqlite'
import { withoutSync } from '../local-db/unsynced-writes.ts'
import type { LiveDownloads } from './live-downloads.ts'
import type { QueueEvents } from './queue-events.ts'
import { type DownloadRow, findDownload, saveDownload } from './rows.ts'
import type { RunHooks } from './run-download.ts'
import type { ServerBreaker } from './server-breaker.ts'

interface HooksNeeds {
  readonly db: DatabaseSync
  readonly live: LiveDownloads
  readonly breaker: ServerBreaker
  readonly dispatch: QueueEvents['dispatch']
  /** Hears that the size of what is to come has become known. */
  readonly onGrown: () => void
}

/** What the queue makes of what a run tells while it is at work. */
export function runHooks(needs: HooksNeeds, { id, format }: DownloadRow, run: number): RunHooks {
  const { db, live, breaker, dispatch } = needs
  return {
    granted(grant, staging) {
      const row = findDownload(db, id)
      // A grant that comes late may be for a format that is not wanted any more.
      if (row === null || row.format !== format) return
      const granted = {
        ...row,
        totalBytes: grant.object.sizeBytes,
        attemptsLeft: grant.entitlement.attemptsLeft,
        attemptId: grant.attempt.id,
        objectSha256: grant.object.sha256,
        contents: grant.contents,
        staging,
      }
      withoutSync(db, () => saveDownload(db, granted))
      if (row.totalBytes === null) needs.onGrown()
    },
    transferring(ledger) {
      live.begins(id, ledger)
      dispatch(id, { type: 'granted', run })
    },
    bytes: (count) => live.gained(id, count),
    segment() {
      breaker.succeeded()
      if ((findDownload(db, id)?.failures ?? 0) > 0) dispatch(id, { type: 'gained', run })
    },
    verifying: () => dispatch(id, { type: 'all-here', run }),
  }
}
