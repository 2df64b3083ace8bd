import type { PackEntry } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { AudioFormat, ByteRange } from '../../../contract/values.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import { type ContentFacts, contentFor, type ObjectFacts } from '../catalogue/public.ts'
import { requireAccessTo, takeQuota } from '../entitlements/public.ts'
import type { Attempt, Holder } from './attempt.ts'
import { countAttempts, insertAttempt, lockAttempts, lockHolder, reopenAttempt } from './attempt-rows.ts'
import { attemptsUsed, formatOfCall, withOneMore } from './format-rules.ts'
import { type AttemptChoice, byteBudget, chooseAttempt, endingOf } from './rules.ts'
import { settleAttempt } from './settle-attempt.ts'
import { type Deliverable, deliverableOf } from './stored-object.ts'

export interface OpenRequest extends Holder {
  readonly deviceId: string
  readonly attemptId: string | undefined
  readonly format: AudioFormat | undefined
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

/** Whether what is to be delivered is known to be stored; throws when it can not be delivered. */
export type IsStored = (deliverable: Deliverable) => Promise<boolean>

/**
 * Finds or opens the attempt that a call of init goes on with, and charges a new one, once the object it delivers is known to be
 * stored: until then it changes nothing and answers what to look for.
 * What had to end is settled first. Throws the refusals in their order: access, format, attempts, quota.
 */
export async function openAttempt(
  tx: PrivilegedTransaction,
  request: OpenRequest,
  isStored: IsStored,
): Promise<{ readonly open: OpenAttempt } | { readonly toCheck: Deliverable }> {
  await lockHolder(tx, request)
  const { content, choice } = await choose(tx, request)
  if (choice.kind === 'refuse') throw new AppError(choice.code)
  if (choice.kind === 'open') return openNew(tx, request, content, isStored)
  const deliverable = await deliverableOf(tx, content, choice.attempt)
  if (!(await isStored(deliverable))) return { toCheck: deliverable }
  const { object, contents } = deliverable
  const attempt = choice.kind === 'reopen' ? await reopenAttempt(tx, choice.attempt.id) : choice.attempt
  const used = await countAttempts(tx, request)
  return {
    open: {
      ...{ attempt, object, contents, quotaLeft: null, isReused: true },
      isRepair: choice.kind === 'repair',
      attemptsLeft: Math.max(0, content.attemptLimit - attemptsUsed(used)),
    },
  }
}

async function choose(
  tx: PrivilegedTransaction,
  request: OpenRequest,
): Promise<{ content: ContentFacts; choice: AttemptChoice<Attempt> }> {
  const { ref, deviceId, format, want, now } = request
  const asked = await contentFor(tx, ref, format)
  if (asked === null) throw new AppError('not-found')
  const attempts: Attempt[] = []
  for (const attempt of await lockAttempts(tx, request, deviceId)) {
    const isMeant = format === undefined || attempt.format === format
    const ending = endingOf(attempt, isMeant ? want : [], now)
    attempts.push(ending === null ? attempt : await settleAttempt(tx, attempt, ending, now))
  }
  const chosen = formatOfCall(attempts, request) ?? asked.object?.format ?? null
  const isAsked = chosen === null || chosen === format || chosen === asked.object?.format
  const content = isAsked ? asked : ((await contentFor(tx, ref, chosen)) ?? asked)
  const named = attempts.find(({ id }) => id === request.attemptId)
  return {
    content,
    choice: chooseAttempt({
      attempts: attempts.filter((attempt) => attempt.format === chosen),
      // An attempt on another format than the one asked for is none of this call's.
      requestedId: named !== undefined && named.format !== chosen ? undefined : request.attemptId,
      objectSha256: content.object?.sha256 ?? null,
      want,
      now,
    }),
  }
}

async function openNew(
  tx: PrivilegedTransaction,
  request: OpenRequest,
  content: ContentFacts,
  isStored: IsStored,
): Promise<{ readonly open: OpenAttempt } | { readonly toCheck: Deliverable }> {
  const { userId, ref, deviceId, format, now } = request
  const access = await requireAccessTo(tx, userId, content, now)
  const used = await countAttempts(tx, request)
  const { attemptLimit, object: file } = content
  if (file === null && content.isReady && format !== undefined) throw new AppError('format-not-offered')
  const after = file === null ? used : withOneMore(used, file.format)
  if ((file === null ? attemptsUsed(used) : (used.get(file.format) ?? 0)) >= attemptLimit)
    throw new AppError('attempts-exhausted', undefined, { attemptLimit })
  const deliverable = await deliverableOf(tx, content, null)
  if (!(await isStored(deliverable))) return { toCheck: deliverable }
  const { object, contents } = deliverable
  const taken = await takeQuota(tx, access, ref)
  const attempt = await insertAttempt(tx, {
    ...{ userId, ref, deviceId, format: object.format },
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
      attemptsLeft: attemptLimit - attemptsUsed(after),
      quotaLeft: taken?.quotaLeft ?? null,
    },
  }
}
