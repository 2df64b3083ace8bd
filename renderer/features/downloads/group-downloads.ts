import type { Download, DownloadStatus } from '../../../contract/delivery.ts'

export interface DownloadGroups {
  readonly needy: readonly Download[]
  readonly active: readonly Download[]
  /** In the order in which they come next. */
  readonly waiting: readonly Download[]
  /** The newest first. */
  readonly ended: readonly Download[]
}

const GROUP: Record<DownloadStatus, keyof DownloadGroups> = {
  preparing: 'active',
  downloading: 'active',
  verifying: 'active',
  queued: 'waiting',
  stalled: 'waiting',
  'waiting-for-network': 'waiting',
  'waiting-for-drive': 'waiting',
  paused: 'waiting',
  'needs-sign-in': 'needy',
  'needs-device': 'needy',
  'needs-space': 'needy',
  'needs-folder': 'needy',
  'needs-consent': 'needy',
  failed: 'needy',
  done: 'ended',
  cancelled: 'ended',
  ended: 'ended',
}

/** The downloads by what they need from the user. */
export function groupDownloads(downloads: readonly Download[]): DownloadGroups {
  const groups = Object.groupBy(downloads, ({ status }) => GROUP[status])
  return {
    needy: groups.needy?.sort(byPosition) ?? [],
    active: groups.active ?? [],
    waiting: groups.waiting?.sort(byPosition) ?? [],
    ended: groups.ended?.sort((left, right) => (right.finishedAt ?? '').localeCompare(left.finishedAt ?? '')) ?? [],
  }
}

/** Those that have a place in the queue that can change, in its order: neither under way nor at their end. */
export function movableDownloads(downloads: readonly Download[]): Download[] {
  return downloads.filter(({ status }) => GROUP[status] === 'waiting' || GROUP[status] === 'needy').sort(byPosition)
}

function byPosition(left: Download, right: Download): number {
  return left.position - right.position
}
