import type { PackEntry } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import { type ContentFacts, contentFor, type ObjectFacts } from '../catalogue/public.ts'
import { requireAccess, takeQuota } from '../entitlements/public.ts'
import type { Attempt, Holder } from './attempt.ts'
import { countAttempts, insertAttempt, lockAttempts, lockHolder, reopenAttempt } from './attempt-rows.ts'
import { smallestRange } from './range-rules.ts'
import { type AttemptChoice, byteBudget, chooseAttempt, endingOf } from './rules.ts'
import { settleAttempt } from './settle-attempt.ts'
import { type Deliverable, deliverableOf } from './stored-object.ts'

export interface OpenRequest extends Holder {
  readonly deviceId: string
  readonly attemptId: string | undefined
  readonly want: readonly ByteRange[]
  readonly now: number
}

export interface OpenAttempt {
  readonly attempt: Attempt
  readonly isReused: boolean
  readonly isRepair: boolean
  readonly object: ObjectFacts
  readonly contents: readonly PackEntry[] | null
  readonly attemptsLeft: number
  readonly quotaLeft: number | null
}

/**
 * Finds or opens the attempt that a call of init goes on with, and charges a new one, once the object it delivers is known to be
 * stored: until then (`storedSha256`) it changes nothing and answers what to look for.
 * What had to end is settled first. Throws the refusals in their order: access, attempts, quota.
 */
export async function openAttempt(
  tx: PrivilegedTransaction,
  request: OpenRequest,
  storedSha256: string | null,
): Promise<{ readonly open: OpenAttempt } | { readonly toCheck: Deliverable }> {
  await lockHolder(tx, request)
  const content = await contentFor(tx, request.ref)
  if (content === null) throw new AppError('not-found')
  const choice = await chooseFrom(tx, request, content)
  if (choice.kind === 'refuse') throw new AppError(choice.code)
  if (choice.kind === 'open') return openNew(tx, request, content, storedSha256)
  const deliverable = await deliverableOf(tx, content, choice.attempt.objectSha256)
  const { object, contents } = deliverable
  if (object.sha256 !== storedSha256) return { toCheck: deliverable }
  const attempt = choice.kind === 'reopen' ? await reopenAttempt(tx, choice.attempt.id) : choice.attempt
  const used = await countAttempts(tx, request)
  return {
    open: {
      ...{ attempt, object, contents, quotaLeft: null, isReused: true },
      isRepair: choice.kind === 'repair',
      attemptsLeft: Math.max(0, content.attemptLimit - used),
    },
  }
}

async function chooseFrom(
  tx: PrivilegedTransaction,
  request: OpenRequest,
  content: ContentFacts,
): Promise<AttemptChoice<Attempt>> {
  const { deviceId, attemptId: requestedId, want, now } = request
  const smallestWanted = smallestRange(want)
  const attempts: Attempt[] = []
  for (const attempt of await lockAttempts(tx, request, deviceId)) {
    const ending = endingOf(attempt, smallestWanted, now)
    attempts.push(ending === null ? attempt : await settleAttempt(tx, attempt, ending, now))
  }
  return chooseAttempt({ attempts, requestedId, objectSha256: content.object?.sha256 ?? null, smallestWanted, now })
}

async function openNew(
  tx: PrivilegedTransaction,
  request: OpenRequest,
  content: ContentFacts,
  storedSha256: string | null,
): Promise<{ readonly open: OpenAttempt } | { readonly toCheck: Deliverable }> {
  const { userId, ref, deviceId, now } = request
  const { access } = await requireAccess(tx, userId, ref, now)
  const used = await countAttempts(tx, request)
  if (used >= content.attemptLimit)
    throw new AppError('attempts-exhausted', undefined, { attemptLimit: content.attemptLimit })
  const deliverable = await deliverableOf(tx, content, null)
  const { object, contents } = deliverable
  if (object.sha256 !== storedSha256) return { toCheck: deliverable }
  const taken = await takeQuota(tx, access, ref)
  const attempt = await insertAttempt(tx, {
    ...{ userId, ref, deviceId },
    objectSha256: object.sha256,
    sizeBytes: object.sizeBytes,
    byteBudget: byteBudget(object.sizeBytes),
    source: access.source,
    sourceId: access.sourceId,
    usageId: taken?.usageId ?? null,
  })
  return {
    open: {
      ...{ attempt, object, contents, isReused: false, isRepair: false },
      attemptsLeft: content.attemptLimit - used - 1,
      quotaLeft: taken?.quotaLeft ?? null,
    },
  }
}
