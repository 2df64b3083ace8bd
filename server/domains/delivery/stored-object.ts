import type { PackEntry } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import type { ObjectStore } from '../../ports.ts'
import { type ContentFacts, type ObjectFacts, packEntriesFor } from '../catalogue/public.ts'
import type { Attempt } from './attempt.ts'
import { selectPinnedObject } from './object-rows.ts'

/** How long a client waits before it asks again for a file that is not there, seconds. */
const RETRY_SECONDS = 30

export interface Deliverable {
  readonly object: ObjectFacts
  /** The tracks inside, for a pack. */
  readonly contents: readonly PackEntry[] | null
  /** The store has a newer file of this content. */
  readonly isSuperseded: boolean
}

/** The file that an attempt delivers: the one it was opened for, also when the content has a newer one. `content` comes with its file of that format. */
export async function deliverableOf(
  tx: PrivilegedTransaction,
  content: ContentFacts,
  attempt: Pick<Attempt, 'objectSha256' | 'format'> | null,
): Promise<Deliverable> {
  const { ref, object } = content
  if (object !== null && (attempt === null || object.sha256 === attempt.objectSha256)) {
    const contents = ref.contentType === 'album' ? await packEntriesFor(tx, ref.contentId) : null
    return { object, contents, isSuperseded: false }
  }
  const pinned = attempt === null ? null : await selectPinnedObject(tx, attempt.objectSha256)
  if (attempt === null || pinned === null) throw notReady()
  const { format } = attempt
  return {
    object: { ...pinned.object, format, fileName: object?.fileName ?? `${content.title}.${format}` },
    contents: pinned.contents,
    isSuperseded: object !== null,
  }
}

/** Throws `storage-unavailable`, or `content-changed` where only a newer file is left, so that nothing is charged for what can not be sent. */
export async function assertStored(
  objects: ObjectStore,
  { object, isSuperseded }: Pick<Deliverable, 'object' | 'isSuperseded'>,
): Promise<void> {
  const stored = await objects.head(object.key)
  if (stored?.sizeBytes === object.sizeBytes) return
  if (stored === null && isSuperseded) throw new AppError('content-changed')
  throw notStored()
}

function notReady(): AppError {
  return new AppError('storage-unavailable', 'The file is still being made.', { retryAfterSeconds: RETRY_SECONDS })
}

function notStored(): AppError {
  return new AppError('storage-unavailable', undefined, { retryAfterSeconds: RETRY_SECONDS })
}
