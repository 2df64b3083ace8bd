import type { Download, DownloadStatus } from '../../../contract/delivery.ts'

export interface DownloadGroups {
  readonly failed: readonly Download[]
  readonly active: readonly Download[]
  /** In the order in which they come next. */
  readonly waiting: readonly Download[]
  /** The newest first. */
  readonly done: readonly Download[]
}

const GROUP: Record<DownloadStatus, keyof DownloadGroups> = {
  preparing: 'active',
  downloading: 'active',
  verifying: 'active',
  queued: 'waiting',
  waiting: 'waiting',
  paused: 'waiting',
  failed: 'failed',
  done: 'done',
  cancelled: 'done',
}

/** The downloads by what they need from the user. */
export function groupDownloads(downloads: readonly Download[]): DownloadGroups {
  const of = (group: keyof DownloadGroups): Download[] => downloads.filter(({ status }) => GROUP[status] === group)
  return {
    failed: of('failed'),
    active: of('active'),
    waiting: of('waiting').sort((left, right) => left.position - right.position),
    done: of('done').sort((left, right) => (right.finishedAt ?? '').localeCompare(left.finishedAt ?? '')),
  }
}
