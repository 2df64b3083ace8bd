import type { Download } from '../../../contract/delivery.ts'

/** What is asked for of a download; its `format` null: the store's best one. */
export type Asked = Pick<Download, 'content' | 'title' | 'artist' | 'cover' | 'format'>

/** A download as it is before anything is known of it: the last one of the queue, under the id of its content until the core gives it one. */
export function queuedDownload(asked: Asked, addedAt: string): Download {
  return {
    ...asked,
    id: asked.content.contentId,
    status: 'queued',
    receivedBytes: 0,
    totalBytes: null,
    bytesPerSecond: null,
    secondsLeft: null,
    segments: '',
    reason: null,
    retryAt: null,
    driveName: null,
    missingBytes: null,
    bytesPerSecondLimit: null,
    attemptsLeft: null,
    position: 0,
    addedAt,
    finishedAt: null,
  }
}
