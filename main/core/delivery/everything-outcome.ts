import type { DownloadStatus } from '../../../contract/delivery.ts'
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts'

/** Where the queue has a download. */
export interface Standing {
  readonly status: DownloadStatus
  readonly reason: { readonly code: string; readonly message: string } | null
  /** Failures in a row with nothing gained in between. */
  readonly failures: number
}

/** How a download of the batch ended. */
export type Outcome =
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

/** After so many in a row, some minutes, one download keeps the report of all others waiting no longer; the queue goes on trying. */
const MANY_FAILURES = 8
/** Failures that say nothing about one download. */
const CONCERNS_ALL: ReadonlySet<string> = new Set<ErrorCode>([
  'server-busy',
  'rate-limited',
  'offline',
  'captive-portal',
  'proxy-refused',
])

/** What the report says of a download that stands there; null while it may still come. */
export function outcomeOf({ status, reason, failures }: Standing): Outcome | null {
  if (status === 'done') return { type: 'done' }
  if (status === 'cancelled') return { type: 'failed', code: 'cancelled', message: 'It was cancelled' }
  if (status === 'failed' || status === 'ended')
    return { type: 'failed', ...(reason ?? { code: 'internal', message: ERRORS.internal.title }) }
  const isHopeless = status === 'stalled' && failures >= MANY_FAILURES && reason !== null
  return isHopeless && !CONCERNS_ALL.has(reason.code) ? { type: 'failed', ...reason } : null
}
