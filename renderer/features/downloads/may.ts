import type { DownloadStatus } from '../../../contract/delivery.ts'

const STIRRING: ReadonlySet<DownloadStatus> = new Set([
  'queued',
  'preparing',
  'downloading',
  'stalled',
  'waiting-for-network',
  'waiting-for-drive',
])

/** Nothing moves it any more. */
export function hasEnded(status: DownloadStatus): boolean {
  return status === 'done' || status === 'cancelled' || status === 'ended'
}

/** It moves, or would by itself; what needs the user rests already. */
export function mayPause(status: DownloadStatus): boolean {
  return STIRRING.has(status)
}
