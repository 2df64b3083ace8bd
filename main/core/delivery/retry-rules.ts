import type { DownloadStatus } from '../../../contract/delivery.ts'
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 5 * 60_000
/** A source that stays damaged costs bytes with every try. */
const LONGEST_WAIT_FOR_BYTES_MS = 60 * 60_000
/** No wait is longer; one that seems to be comes from a clock that was set back. */
export const LONGEST_RETRY_AFTER_MS = 60 * 60_000

/** The states in which a download waits, each for something of its own. */
export type WaitingStatus = Extract<
  DownloadStatus,
  | 'stalled'
  | 'waiting-for-network'
  | 'waiting-for-drive'
  | 'needs-sign-in'
  | 'needs-device'
  | 'needs-space'
  | 'needs-folder'
  | 'needs-consent'
>

export type AfterFailure = WaitingStatus | 'failed' | 'ended'

/** Failures whose cure is known: the state that names it. */
const CURED_BY: Readonly<Partial<Record<ErrorCode, AfterFailure>>> = {
  offline: 'waiting-for-network',
  'captive-portal': 'waiting-for-network',
  'drive-missing': 'waiting-for-drive',
  'not-signed-in': 'needs-sign-in',
  'session-expired': 'needs-sign-in',
  'fresh-sign-in-required': 'needs-sign-in',
  'rebind-limit': 'needs-sign-in',
  'device-revoked': 'needs-device',
  'device-unknown': 'needs-device',
  'device-limit': 'needs-device',
  'disk-full': 'needs-space',
  'folder-missing': 'needs-folder',
  'folder-not-writable': 'needs-folder',
  'metered-connection': 'needs-consent',
  'content-revoked': 'ended',
}

/**
 * The state that a failure leads to. Where the cure is known it is waited for; what time may cure is `stalled`, and tries again by itself;
 * what neither time nor hands cure is `failed`, or `ended` where access was withdrawn.
 */
export function statusAfterFailure(code: ErrorCode): AfterFailure {
  return CURED_BY[code] ?? (ERRORS[code].retry === 'never' ? 'failed' : 'stalled')
}

const WAITING: ReadonlySet<DownloadStatus> = new Set<WaitingStatus>([
  'stalled',
  'waiting-for-network',
  'waiting-for-drive',
  'needs-sign-in',
  'needs-device',
  'needs-space',
  'needs-folder',
  'needs-consent',
])

/** True while it goes on by itself once something is as it should be. */
export function isWaiting(status: DownloadStatus): status is WaitingStatus {
  return WAITING.has(status)
}

/** True for the states that also try again by time: a stalled one, and one whose network came back without anyone noticing. */
export function isTimed(status: DownloadStatus): boolean {
  return status === 'stalled' || status === 'waiting-for-network'
}

/** The server itself is in trouble or asks for peace: a failure of one download that concerns them all. */
export function concernsTheServer(code: ErrorCode): boolean {
  return code === 'server-busy' || code === 'rate-limited'
}

export interface FailureFacts {
  readonly code: ErrorCode
  /** Failures in a row before this one. */
  readonly failures: number
  /** What the server asked for, in milliseconds. */
  readonly retryAfterMs: number | null
  /** 0 to 1, from the random port: half of the wait is left to it, so that clients do not come back together. */
  readonly jitter: number
}

/** Milliseconds until a stalled download tries again, doubling from 1 s to 5 min, or to 1 h where bytes come damaged. `Retry-After` is obeyed up to 1 h. */
export function waitAfterFailure({ code, failures, retryAfterMs, jitter }: FailureFacts): number {
  const most = code === 'corrupt-source' ? LONGEST_WAIT_FOR_BYTES_MS : LONGEST_WAIT_MS
  const longest = Math.min(most, FIRST_WAIT_MS * 2 ** Math.min(failures, 20))
  const wait = Math.round(longest * (0.5 + jitter / 2))
  return Math.max(wait, Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS))
}
