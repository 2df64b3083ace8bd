import type { DatabaseSync } from 'node:sqlite'
import type { AudioFormat, ContentRef } from '../../../contract/values.ts'
import type { Clock, Random } from '../ports.ts'
import { hasEnded, NEW_DOWNLOAD } from './download-machine.ts'
import { isDamagedHere } from './publish-download.ts'
import type { QueueOrder } from './queue-order.ts'
import { type DownloadRow, findDownloadOf, saveDownload, saveReport } from './rows.ts'

/** What is wanted, with the words to show while nothing more is known. */
export interface Wanted {
  readonly content: ContentRef
  readonly title: string
  readonly artist: string
  readonly cover: string | null
  /** Null: the best one the store has, or the one that is on its way. */
  readonly format: AudioFormat | null
  /** Nobody has just chosen the format: what is on its way in another one is left as it is. */
  readonly isUnasked?: boolean
  /** SHA-256 of the object that is to come again, where that is known: it is no other format, whatever the row says. */
  readonly objectSha256?: string | undefined
}

interface EnqueueNeeds {
  readonly db: DatabaseSync
  readonly clock: Clock
  readonly random: Random
  readonly order: QueueOrder
  /** Ends the run of a download that is to come as something else. */
  readonly stop: (id: string) => void
}

/** A row of which nothing is here. */
export const NOTHING_HERE = {
  attemptId: null,
  objectSha256: null,
  staging: null,
  receivedBytes: 0,
  segments: '',
} as const

const NOTHING_KNOWN = { totalBytes: null, attemptsLeft: null, contents: null, bytesPerSecondLimit: null } as const

/** Queues what is wanted, last, and answers its row; what is on its way already, in the same format, is left as it is. */
export function enqueue(needs: EnqueueNeeds, wanted: Wanted): DownloadRow {
  const { db, clock, random, order } = needs
  const { content, title, artist, cover, format, isUnasked = false, objectSha256 } = wanted
  const known = findDownloadOf(db, content)
  const isOtherFormat =
    known !== null && format !== null && format !== known.format && objectSha256 !== known.objectSha256
  if (known !== null && isOnItsWay(known)) {
    if (!isOtherFormat || isUnasked) return known
    giveUpAttempt(needs, known)
  }
  const words = known === null || title !== '' ? { title, artist, cover } : {}
  // What arrived spent its attempt, which is good for the repair of a damaged file and nothing else.
  const isSpent = isOtherFormat || (known?.status === 'done' && !isDamagedHere(db, known))
  const row: DownloadRow = {
    id: random.uuid(),
    content,
    title,
    artist,
    cover,
    ...NOTHING_HERE,
    ...NOTHING_KNOWN,
    ...known,
    ...words,
    ...NEW_DOWNLOAD,
    run: known?.run ?? 0,
    format,
    position: order.end(),
    addedAt: clock.now(),
    finishedAt: null,
    ...(isSpent && { attemptId: null }),
    ...(isOtherFormat && { totalBytes: null, receivedBytes: 0, segments: '', contents: null }),
  }
  saveDownload(db, row)
  order.put(row.id, row.position)
  return row
}

function isOnItsWay({ status }: DownloadRow): boolean {
  return !hasEnded(status) && status !== 'failed'
}

/** What is here of the other format goes when the new one is granted. */
function giveUpAttempt({ db, stop }: EnqueueNeeds, { id, attemptId }: DownloadRow): void {
  stop(id)
  if (attemptId !== null) saveReport(db, { attemptId, kind: 'cancel', segmentRoot: null })
}
