import type { DatabaseSync } from 'node:sqlite'
import type { Caller } from '../../../contract/call.ts'
import { delivery } from '../../../contract/delivery.ts'
import { AppError, ERRORS } from '../../../contract/errors.ts'
import type { Log } from '../ports.ts'
import { type AttemptReport, listReports, removeReport } from './rows.ts'

/** Tells the server of every attempt that ended here; what it can not hear now stays for the next time. Never throws. */
export async function sendReports(db: DatabaseSync, serverCall: Caller, log: Log): Promise<void> {
  for (const report of listReports(db)) {
    try {
      await send(serverCall, report)
      if (db.isOpen) removeReport(db, report.attemptId)
    } catch (error) {
      if (!db.isOpen) return
      const isFinal =
        error instanceof AppError && ERRORS[error.code].retry === 'never' && error.code !== 'session-expired'
      if (isFinal) removeReport(db, report.attemptId)
      log.warn({ error, kind: report.kind, isFinal }, 'the end of a download could not be told to the server')
      if (!isFinal) return
    }
  }
}

async function send(serverCall: Caller, { attemptId, kind, segmentRoot }: AttemptReport): Promise<void> {
  if (kind === 'complete' && segmentRoot !== null) await serverCall(delivery.complete, { attemptId, segmentRoot })
  else await serverCall(delivery.cancel, { attemptId })
}
