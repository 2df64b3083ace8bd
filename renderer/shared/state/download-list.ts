import type { Output } from '../../../contract/call.ts'
import type { Download, DownloadStatus, delivery } from '../../../contract/delivery.ts'

type List = Output<typeof delivery.list>

const ENDED: ReadonlySet<DownloadStatus> = new Set(['done', 'cancelled', 'ended'])

/** Whether a download stands in the history behind the queue. */
export function isHistory({ status }: Download): boolean {
  return ENDED.has(status)
}

/**
 * The list with what the core told of one download, as the core would answer it now: what has ended comes first in the history, what is new
 * or begins again comes last in the queue, all else stays where it is. One content has one download.
 */
export function withDownload(list: List, told: Download): List {
  const { downloads } = list
  const byId = downloads.findIndex(({ id }) => id === told.id)
  // Until the core answers, what was asked for stands there under another id.
  const at = byId === -1 ? downloads.findIndex(({ content }) => isSame(content, told.content)) : byId
  const known = downloads[at]
  if (known !== undefined && isHistory(known) === isHistory(told))
    return { ...list, downloads: downloads.with(at, isHistory(told) ? told : { ...told, position: known.position }) }
  const others = known === undefined ? downloads : downloads.toSpliced(at, 1)
  const end = others.findIndex(isHistory)
  const behindQueue = end === -1 ? others.length : end
  // Places that were told before count from another beginning; what matters is who comes after whom.
  const position = isHistory(told) ? told.position : 1 + lastPosition(others, behindQueue)
  return { ...list, downloads: others.toSpliced(behindQueue, 0, { ...told, position }) }
}

function lastPosition(downloads: readonly Download[], count: number): number {
  let last = -1
  for (let index = 0; index < count; index++) last = Math.max(last, downloads[index]?.position ?? -1)
  return last
}

function isSame(one: Download['content'], other: Download['content']): boolean {
  return one.contentId === other.contentId && one.contentType === other.contentType
}
