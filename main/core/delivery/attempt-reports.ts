import type { DatabaseSync } from 'node:sqlite'
import type { Caller } from '../../../contract/call.ts'
import { type Completion, type CompletionRefusal, delivery, MOST_COMPLETIONS } from '../../../contract/delivery.ts'
import { AppError, ERRORS } from '../../../contract/errors.ts'
import type { Clock, Log } from '../ports.ts'
import { statusAfterFailure } from './retry-rules.ts'
import { type AttemptReport, listReports, removeReports } from './rows.ts'

/** Attempts under way for which no other is given up meanwhile. */
const CANCELS_AT_ONCE = 4
/** Arrivals within so many milliseconds of the last that was told are told together. */
const GATHER_MS = 500
/** Until what could not be told is tried again. */
const AGAIN_MS = 60_000

/** Tells the server of every attempt that ended here. */
export interface AttemptReports {
  /** Sends what waits; never throws. What the server can not hear now stays, over restarts too. */
  send(): void
  /** Sends what was being gathered, and returns when nothing is on its way any more. */
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
  const underWay = new Map<string, Promise<void>>()
  /** Those that the server answered with trouble of its own: they do not hold up the others, and come again later. */
  const putOff = new Set<string>()
  let isClosed = false
  let isGathering = false
  /** Arrivals that one call tells; after trouble few, so that the one that makes it keeps no other back. */
  let most = MOST_COMPLETIONS
  let stopGathering: () => void = () => {}
  let stopWaiting: () => void = () => {}

  function send(): void {
    if (isClosed || !db.isOpen) return
    const enough = MOST_COMPLETIONS + CANCELS_AT_ONCE + underWay.size + putOff.size
    const waiting = listReports(db, enough).filter(
      ({ attemptId }) => !underWay.has(attemptId) && !putOff.has(attemptId),
    )
    const arrived = waiting.flatMap(({ kind, attemptId, segmentRoot }) =>
      kind === 'complete' && segmentRoot !== null ? [{ attemptId, segmentRoot }] : [],
    )
    if (arrived.length > 0 && !isGathering) tellArrived(arrived.slice(0, most))
    const cancelled = waiting.filter(({ kind }) => kind === 'cancel')
    for (const { attemptId } of cancelled.slice(0, Math.max(0, CANCELS_AT_ONCE - underWay.size)))
      begin('cancel', [attemptId], () => serverCall(delivery.cancel, { attemptId }))
  }

  function tellArrived(files: readonly Completion[]): void {
    isGathering = true
    stopGathering = clock.after(GATHER_MS, () => {
      isGathering = false
      send()
    })
    const ids = files.map(({ attemptId }) => attemptId)
    begin('complete', ids, async () => {
      const answer = await serverCall(delivery.completeMany, { files: [...files] })
      most = Math.min(MOST_COMPLETIONS, most * 2)
      for (const { attemptId, refusal } of answer.files) if (refusal !== null) noteRefusal(attemptId, refusal)
    })
  }

  function begin(kind: AttemptReport['kind'], ids: readonly string[], tell: () => Promise<unknown>): void {
    const work = attempt(kind, ids, tell).then((outcome) => {
      for (const id of ids) underWay.delete(id)
      if (outcome === 'put-off') {
        for (const id of ids) putOff.add(id)
        most = 1
      }
      if (outcome !== 'told') againLater()
      if (outcome !== 'not-now') send()
    })
    for (const id of ids) underWay.set(id, work)
  }

  async function attempt(
    kind: AttemptReport['kind'],
    ids: readonly string[],
    tell: () => Promise<unknown>,
  ): Promise<Outcome> {
    const forget = () => {
      if (db.isOpen) removeReports(db, kind, ids)
    }
    try {
      await tell()
      forget()
      return 'told'
    } catch (error) {
      if (!db.isOpen) return 'not-now'
      const code = error instanceof AppError ? error.code : 'internal'
      // An attempt that has ended in another way hears of no end any more.
      const isFinal =
        ERRORS[code].retry === 'fresh-token' ||
        (ERRORS[code].retry === 'never' && statusAfterFailure(code) !== 'needs-sign-in')
      log.warn({ error, isFinal }, 'the end of a download could not be told to the server')
      if (isFinal && ids.length === 1) {
        forget()
        return 'told'
      }
      // What was said to several is heard again by each alone before it is believed.
      return isFinal || code === 'internal' ? 'put-off' : 'not-now'
    }
  }

  function noteRefusal(attemptId: string, refusal: CompletionRefusal): void {
    log.warn({ attemptId, refusal }, 'the server does not count a download as delivered')
  }

  function againLater(): void {
    stopWaiting()
    if (isClosed) return
    stopWaiting = clock.after(AGAIN_MS, () => {
      putOff.clear()
      send()
    })
  }

  return {
    send,
    async close() {
      stopGathering()
      isGathering = false
      send()
      stopGathering()
      isClosed = true
      stopWaiting()
      while (underWay.size > 0) await Promise.all(underWay.values())
    },
  }
}
