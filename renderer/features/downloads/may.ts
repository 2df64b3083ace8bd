import type { DownloadStatus } from '../../../contract/delivery.ts'

/** Nothing moves it any more. */
export function hasEnded(status: DownloadStatus): boolean {
  return status === 'done' || status === 'cancelled' || status === 'ended'
}

/** It moves, or would by itself. */
export function mayPause(status: DownloadStatus): boolean {
  return !hasEnded(status) && status !== 'paused' && status !== 'verifying' && status !== 'failed'
}
