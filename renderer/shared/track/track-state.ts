import type { Access } from '../../../contract/catalogue.ts'
import type { DownloadStatus } from '../../../contract/delivery.ts'
import type { LocalState } from '../../../contract/library.ts'

/** Everything a track can be, in one word, across store, library, crates and downloads. */
export type TrackState =
  | 'for-sale'
  | 'fan-only'
  | 'not-ready'
  | 'confirming'
  | 'in-plan'
  | 'owned'
  | 'queued'
  | 'downloading'
  | 'waiting'
  | 'paused'
  | 'verifying'
  | 'needs-you'
  | 'failed'
  | 'here'
  | 'retagged'
  | 'damaged'
  | 'missing'

interface Facts {
  readonly access: Access
  readonly isFanOnly: boolean
  readonly isReady: boolean
  readonly isConfirming: boolean
  readonly local: LocalState | null
  readonly download: DownloadStatus | null
}

/** The one state that matters most: what is under way, then what is on this computer, then what may be had. */
export function trackStateOf({ access, isFanOnly, isReady, isConfirming, local, download }: Facts): TrackState {
  const underWay = download === null ? null : fromDownload(download)
  if (underWay !== null) return underWay
  if (local !== null && local !== 'cloud') return local
  if (access === 'none' && local === null) {
    if (isConfirming) return 'confirming'
    if (isFanOnly) return 'fan-only'
    return isReady ? 'for-sale' : 'not-ready'
  }
  if (!isReady) return 'not-ready'
  return access === 'subscription' && local === null ? 'in-plan' : 'owned'
}

function fromDownload(status: DownloadStatus): TrackState | null {
  switch (status) {
    case 'queued':
    case 'preparing':
      return 'queued'
    case 'stalled':
    case 'waiting-for-network':
    case 'waiting-for-drive':
      return 'waiting'
    case 'needs-sign-in':
    case 'needs-device':
    case 'needs-space':
    case 'needs-folder':
    case 'needs-consent':
      return 'needs-you'
    case 'downloading':
    case 'paused':
    case 'verifying':
    case 'failed':
      return status
    case 'done':
    case 'cancelled':
    case 'ended':
      return null
  }
}
