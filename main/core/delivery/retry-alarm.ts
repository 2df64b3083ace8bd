import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../ports.ts'
import { LONGEST_RETRY_AFTER_MS } from './retry-rules.ts'
import { firstRetryAt, listDue } from './rows.ts'

/** Between two looks at one that is due and may not go on. */
const LATE_MS = 5_000

/** Wakes the queue when the first of those that try again by time may, and when the server may be asked again. */
export interface RetryAlarm {
  /** Something waits, or waits until another time, since now. */
  set(): void
  close(): void
}

interface AlarmNeeds {
  readonly db: DatabaseSync
  readonly clock: Clock
  /** Until when the server is left alone; null when it is not. */
  readonly heldUntil: () => number | null
  readonly onDue: (ids: readonly string[]) => void
}

export function createRetryAlarm({ db, clock, heldUntil, onDue }: AlarmNeeds): RetryAlarm {
  let stop: () => void = () => {}
  let isClosed = false

  function set(): void {
    const times = [firstRetryAt(db), heldUntil()].filter((time) => time !== null)
    ringAfter(times.length === 0 ? null : Math.max(0, Math.min(...times) - clock.now()))
  }

  function ringAfter(ms: number | null): void {
    stop()
    if (ms !== null && !isClosed) stop = clock.after(Math.min(ms, LONGEST_RETRY_AFTER_MS), ring)
  }

  function ring(): void {
    if (isClosed || !db.isOpen) return
    const now = clock.now()
    onDue(listDue(db, now, now + LONGEST_RETRY_AFTER_MS))
    const first = firstRetryAt(db)
    if (first !== null && first <= clock.now()) ringAfter(LATE_MS)
    else set()
  }

  return {
    set,
    close() {
      isClosed = true
      stop()
    },
  }
}
