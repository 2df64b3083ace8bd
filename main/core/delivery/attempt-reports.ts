import type { DatabaseSync } from 'node:sqlite'
import type { Caller } from '../../../contract/call.ts'
import { delivery } from '../../../contract/delivery.ts'
import { AppError, ERRORS } from '../../../contract/errors.ts'
import type { Clock, Log } from '../ports.ts'
import { statusAfterFailure } from './retry-rules.ts'
import { type AttemptReport, listReports, removeReport } from './rows.ts'

/** Reports that are on their way at the same time. */
const AT_ONCE = 4
/** Until what could not be told is tried again. */
const AGAIN_MS = 60_000

/** Tells the server of every attempt that ended here. */
export interface AttemptReports {
  /** Sends what waits; never throws. What the server can not hear now stays, over restarts too. */
  send(): void
  /** Returns when nothing is on its way any more. */
  close(): Promise<void>
}

/** `told`: the server knows, or will never want to know. `not-now`: it can not be told anything at present. */
type Outcome = 'told' | 'put-off' | 'not-now'

interface ReportNeeds {
  readonly db: DatabaseSync
  readonly serverCall: Caller
  readonly log: Log
  readonly clock: Clock
}

export function createAttemptReports({ db, serverCall, log, clock }: ReportNeeds): AttemptReports {
  const sending = new Map<string, Promise<void>>()
  /** Those that the server answered with trouble of its own: they do not hold up the others, and come again later. */
  const putOff = new Set<string>()
  let isClosed = false
  let stopWaiting: () => void = () => {}

  function send(): void {
    if (isClosed || !db.isOpen || sending.size >= AT_ONCE) return
    const waiting = listReports(db, AT_ONCE + sending.size + putOff.size).filter(
      ({ attemptId }) => !sending.has(attemptId) && !putOff.has(attemptId),
    )
    for (const report of waiting.slice(0, AT_ONCE - sending.size)) {
      const { attemptId } = report
      const work = sendOne(report).then((outcome) => {
        sending.delete(attemptId)
        if (outcome === 'put-off') putOff.add(attemptId)
        if (outcome !== 'told') againLater()
        if (outcome !== 'not-now') send()
      })
      sending.set(attemptId, work)
    }
  }

  function againLater(): void {
    stopWaiting()
    if (isClosed) return
    stopWaiting = clock.after(AGAIN_MS, () => {
      putOff.clear()
      send()
    })
  }

  async function sendOne({ attemptId, kind, segmentRoot }: AttemptReport): Promise<Outcome> {
    try {
      if (kind === 'complete' && segmentRoot !== null) await serverCall(delivery.complete, { attemptId, segmentRoot })
      else await serverCall(delivery.cancel, { attemptId })
      if (db.isOpen) removeReport(db, attemptId)
      return 'told'
    } catch (error) {
      if (!db.isOpen) return 'not-now'
      const code = error instanceof AppError ? error.code : 'internal'
      // An attempt that has ended in another way hears of no end any more.
      const isFinal =
        ERRORS[code].retry === 'fresh-token' ||
        (ERRORS[code].retry === 'never' && statusAfterFailure(code) !== 'needs-sign-in')
      if (isFinal) removeReport(db, attemptId)
      log.warn({ error, kind, isFinal }, 'the end of a download could not be told to the server')
      if (isFinal) return 'told'
      return code === 'internal' ? 'put-off' : 'not-now'
    }
  }

  return {
    send,
    async close() {
      isClosed = true
      stopWaiting()
      while (sending.size > 0) await Promise.all(sending.values())
    },
  }
}
