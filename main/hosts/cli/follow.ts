import { type Download, delivery } from '../../../contract/delivery.ts'
import type { Cli } from './command.ts'
import { plain } from './format.ts'

const POLL_MS = 300
/** So many are asked for by their ids; of more the whole list comes. */
const FEW = 1000
const ENDED: ReadonlySet<Download['status']> = new Set(['done', 'failed', 'cancelled', 'ended'])
/** States that last until a person does something. */
const NEEDS_SOMEBODY: ReadonlySet<Download['status']> = new Set([
  'paused',
  'waiting-for-drive',
  'needs-sign-in',
  'needs-device',
  'needs-space',
  'needs-folder',
  'needs-consent',
])

/** The downloads as they stand at last, and why the following ended before they did; null when all of them have ended. */
export interface Followed {
  readonly downloads: readonly Download[]
  readonly stuck: string | null
}

export function hasEnded({ status }: Download): boolean {
  return ENDED.has(status)
}

/** Follows downloads until each has ended, or none can go on without a person; progress goes to the terminal. */
export async function followDownloads({ call, note, sleep }: Cli, ids: ReadonlySet<string>): Promise<Followed> {
  const few = ids.size <= FEW ? [...ids] : null
  let said = ''
  for (;;) {
    const list = await call(delivery.list, few === null ? {} : { ids: few })
    const downloads = list.downloads.filter(({ id }) => ids.has(id))
    const text = downloads.map(progress).join('\n')
    if (text !== said) note(text)
    said = text
    const stuck = whyStuck(list, downloads)
    if (stuck !== null || downloads.every(hasEnded)) return { downloads, stuck }
    await sleep(POLL_MS)
  }
}

/** Why nothing of these downloads goes on by itself; null while something does, or when all have ended. */
export function whyStuck(
  { isPaused, limit }: { isPaused: boolean; limit: { bytesPerSecond: number | null; until: string | null } },
  downloads: readonly Download[],
): string | null {
  const open = downloads.filter((download) => !hasEnded(download))
  if (open.length === 0) return null
  if (isPaused) return 'The queue is paused: mixmint queue resume'
  if (limit.bytesPerSecond === 0 && limit.until === null) return 'The speed limit is 0: mixmint limit off'
  if (!open.every(needsSomebody)) return null
  const reasons = open.map(({ title, status, reason }) => `${plain(title)}: ${plain(reason?.message ?? words(status))}`)
  return [...new Set(reasons)].slice(0, 5).join('\n')
}

function needsSomebody({ status, bytesPerSecondLimit }: Download): boolean {
  return NEEDS_SOMEBODY.has(status) || (status === 'queued' && bytesPerSecondLimit === 0)
}

/** `needs-space` as words. */
export function words(status: Download['status']): string {
  return status.replaceAll('-', ' ')
}

function progress({ title, status, receivedBytes, totalBytes, reason }: Download): string {
  const percent = totalBytes === null || totalBytes === 0 ? '' : ` ${Math.floor((100 * receivedBytes) / totalBytes)} %`
  const why = reason === null ? '' : ` (${reason.message})`
  return `${plain(title)}: ${words(status)}${status === 'downloading' ? percent : ''}${why}`
}
