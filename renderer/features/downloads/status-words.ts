import type { Download, DownloadStatus } from '../../../contract/delivery.ts'
import type { ErrorCode } from '../../../contract/errors.ts'
import { ERROR_TEXT, type ErrorText, reasonText } from '../../shared/error-text.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import type { Translate } from '../../shared/text.ts'
import type { TrackState } from '../../shared/track/track-state.ts'

/** The glyph and colour of a status. */
export const STATE_OF: Readonly<Record<DownloadStatus, TrackState>> = {
  queued: 'queued',
  preparing: 'queued',
  downloading: 'downloading',
  stalled: 'waiting',
  'waiting-for-network': 'waiting',
  'waiting-for-drive': 'waiting',
  'needs-sign-in': 'needs-you',
  'needs-device': 'needs-you',
  'needs-space': 'needs-you',
  'needs-folder': 'needs-you',
  'needs-consent': 'needs-you',
  paused: 'paused',
  verifying: 'verifying',
  done: 'here',
  failed: 'failed',
  cancelled: 'owned',
  ended: 'failed',
}

/** What is true of a download now, in two to five words. `waits` is the time until it tries again, where that is known. */
export function statusWords(t: Translate, download: Download, waits: string | null): string {
  const { status, driveName, missingBytes, reason } = download
  switch (status) {
    case 'queued':
      return t('Queued')
    case 'preparing':
      return t('Preparing')
    case 'downloading':
      return reason?.code === 'slow-connection' ? t('Slow connection') : t('Downloading')
    case 'stalled':
      return waits === null ? t('Stalled') : t('Stalled, tries again in {time}', { time: waits })
    case 'waiting-for-network':
      return t('Waiting for the network')
    case 'waiting-for-drive':
      return driveName === null ? t('Waiting for its drive') : t('Waiting for drive {name}', { name: driveName })
    case 'needs-sign-in':
      return t('Needs sign-in')
    case 'needs-device':
      return t('Needs registration')
    case 'needs-space':
      return missingBytes === null
        ? t('Needs more space')
        : t('Needs {size} more space', { size: formatBytes(missingBytes) })
    case 'needs-folder':
      return t('Needs a folder')
    case 'needs-consent':
      return t('Metered connection')
    case 'paused':
      return t('Paused')
    case 'verifying':
      return t('Verifying')
    case 'done':
      return t('Here')
    case 'failed':
      return t('Failed')
    case 'cancelled':
      return t('Taken out')
    case 'ended':
      return t('Access ended')
  }
}

/** The code that explains a status which came without one. */
const USUAL: Partial<Record<DownloadStatus, ErrorCode>> = {
  'waiting-for-network': 'offline',
  'waiting-for-drive': 'drive-missing',
  'needs-sign-in': 'not-signed-in',
  'needs-device': 'device-unknown',
  'needs-space': 'disk-full',
  'needs-folder': 'folder-missing',
  'needs-consent': 'metered-connection',
  failed: 'internal',
  ended: 'content-revoked',
}
const SAYS_NOTHING: ReadonlySet<DownloadStatus> = new Set(['queued', 'preparing', 'verifying', 'done', 'cancelled'])

/** Why a download is not moving, and what happens or is to be done about it; null when there is nothing to say. */
export function statusReason({ status, reason }: Download): ErrorText | null {
  if (SAYS_NOTHING.has(status)) return null
  if (reason !== null) return reasonText(reason)
  const usual = USUAL[status]
  return usual === undefined ? null : ERROR_TEXT[usual]
}
