import { ERRORS, type ErrorCode } from '../../../contract/errors.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 5 * 60_000
/** No wait is longer; one that seems to be comes from a clock that was set back. */
export const LONGEST_RETRY_AFTER_MS = 60 * 60_000
/** Failures in a row, with nothing gained in between, after which a download asks for its user. */
const MOST_FAILURES = 6

/** What ends by itself or by the user's hand outside the download, however long it takes. */
const PATIENT: ReadonlySet<ErrorCode> = new Set([
  'offline',
  'captive-portal',
  'server-busy',
  'storage-unavailable',
  'rate-limited',
  'disk-full',
  'folder-missing',
  'folder-not-writable',
  'not-signed-in',
  'session-expired',
])

export interface FailureFacts {
  readonly code: ErrorCode
  /** Failures in a row before this one. */
  readonly failures: number
  /** What the server asked for, in milliseconds. */
  readonly retryAfterMs: number | null
  /** 0 to 1, from the random port: half of the wait is left to it, so that clients do not come back together. */
  readonly jitter: number
}

/** Milliseconds until a failed download tries again, doubling from 1 s to 5 min; null when it should not. `Retry-After` is obeyed up to 1 h. */
export function waitAfterFailure({ code, failures, retryAfterMs, jitter }: FailureFacts): number | null {
  const isPatient = PATIENT.has(code)
  if (!isPatient && (ERRORS[code].retry === 'never' || failures + 1 >= MOST_FAILURES)) return null
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 20))
  const wait = Math.round(longest * (0.5 + jitter / 2))
  return Math.max(wait, Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS))
}
