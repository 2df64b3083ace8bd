import type { PackEntry } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { AudioFormat, ByteRange } from '../../../contract/values.ts'
import { type PrivilegedTransaction, type Statement, together } from '../../db/transaction.ts'
import {
  type ContentFacts,
  contentFor,
  contentQuery,
  type FileFormat,
  type ObjectFacts,
  readContent,
} from '../catalogue/public.ts'
import { requireAccessTo, takeQuota } from '../entitlements/public.ts'
import type { Attempt, Holder } from './attempt.ts'
import {
  attemptCounts,
  attemptsToLock,
  lockHolder,
  newAttempt,
  reopenAttempt,
  theAttempt,
  toAttempt,
  toCounts,
} from './attempt-rows.ts'
import { attemptsUsed, formatOfCall, withOneMore } from './format-rules.ts'
import { rebind } from './rebind.ts'
import { type AttemptChoice, byteBudget, chooseAttempt, endingOf } from './rules.ts'
import { settleAttempt } from './settle-attempt.ts'
import { type Deliverable, deliverableOf } from './stored-object.ts'

export interface OpenRequest extends Holder {
  /** The id of the attempt, should a new one be opened. */
  readonly newId: string
  readonly deviceId: string
  readonly attemptId: string | undefined
  readonly format: AudioFormat | undefined
  readonly want: readonly ByteRange[]
  readonly address: string
  /** When the session began, ms. */
  readonly signedInAt: number
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

/** The last statement of the transaction: it gives tokens for an attempt. */
export type GiveTokens = (
  attempt: Pick<Attempt, 'id' | 'userId' | 'deviceId' | 'ref'>,
  given: { readonly object: ObjectFacts; readonly isReused: boolean; readonly isRepair: boolean },
) => Statement

/**
 * Finds or opens the attempt that a call of init goes on with, and charges a new one, once the object it delivers is known to be
 * stored: until then it changes nothing and answers what to look for.
 * What had to end is settled first. Throws the refusals in their order: access, format, attempts, quota, network.
 */
export async function openAttempt(
  tx: PrivilegedTransaction,
  request: OpenRequest,
  isStored: IsStored,
  giveTokens: GiveTokens,
): Promise<{ readonly open: OpenAttempt } | { readonly toCheck: Deliverable }> {
  await lockHolder(tx, request)
  const { content, choice, used } = await choose(tx, request)
  if (choice.kind === 'refuse') throw new AppError(choice.code)
  if (choice.kind === 'open') return openNew(tx, request, { content, used }, isStored, giveTokens)
  const deliverable = await deliverableOf(tx, content, choice.attempt)
  if (!(await isStored(deliverable))) return { toCheck: deliverable }
  const { object, contents } = deliverable
  const attempt = choice.kind === 'reopen' ? await reopenAttempt(tx, choice.attempt.id) : choice.attempt
  const isRepair = choice.kind === 'repair'
  const tokens = giveTokens(attempt, { object, isReused: true, isRepair })
  await rebind(tx, attempt, request)
  await tokens.execute(tx)
  return {
    open: {
      ...{ attempt, object, contents, quotaLeft: null, isReused: true, isRepair },
      attemptsLeft: Math.max(0, content.attemptLimit - attemptsUsed(used)),
    },
  }
}

async function choose(
  tx: PrivilegedTransaction,
  request: OpenRequest,
): Promise<{ content: ContentFacts; choice: AttemptChoice<Attempt>; used: ReadonlyMap<FileFormat, number> }> {
  const { ref, deviceId, format, want, now } = request
  const [contents, locked, counts] = await together(
    tx,
    contentQuery(ref, format),
    attemptsToLock(request, deviceId),
    attemptCounts(request),
  )
  const asked = readContent(ref, contents)
  if (asked === null) throw new AppError('not-found')
  const attempts: Attempt[] = []
  let hasSettled = false
  for (const attempt of locked.map(toAttempt)) {
    const isMeant = format === undefined || attempt.format === format
    const ending = endingOf(attempt, isMeant ? want : [], now)
    if (ending !== null) hasSettled = true
    attempts.push(ending === null ? attempt : await settleAttempt(tx, attempt, ending, now))
  }
  const used = toCounts(hasSettled ? (await attemptCounts(request).execute(tx)).rows : counts)
  const chosen = formatOfCall(attempts, request) ?? asked.object?.format ?? null
  const isAsked = chosen === null || chosen === format || chosen === asked.object?.format
  const content = isAsked ? asked : ((await contentFor(tx, ref, chosen)) ?? asked)
  const named = attempts.find(({ id }) => id === request.attemptId)
  return {
    content,
    used,
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
  { content, used }: { content: ContentFacts; used: ReadonlyMap<FileFormat, number> },
  isStored: IsStored,
  giveTokens: GiveTokens,
): Promise<{ readonly open: OpenAttempt } | { readonly toCheck: Deliverable }> {
  const { newId, userId, ref, deviceId, format, now } = request
  const access = await requireAccessTo(tx, userId, content, now)
  const { attemptLimit, object: file } = content
  if (file === null && content.isReady && format !== undefined) throw new AppError('format-not-offered')
  const after = file === null ? used : withOneMore(used, file.format)
  if ((file === null ? attemptsUsed(used) : (used.get(file.format) ?? 0)) >= attemptLimit)
    throw new AppError('attempts-exhausted', undefined, { attemptLimit })
  const deliverable = await deliverableOf(tx, content, null)
  if (!(await isStored(deliverable))) return { toCheck: deliverable }
  const { object, contents } = deliverable
  const tokens = giveTokens({ id: newId, userId, deviceId, ref }, { object, isReused: false, isRepair: false })
  const taken = await takeQuota(tx, access, ref)
  const opening = newAttempt(newId, {
    ...{ userId, ref, deviceId, format: object.format },
    objectSha256: object.sha256,
    sizeBytes: object.sizeBytes,
    byteBudget: byteBudget(object.sizeBytes),
    source: access.source,
    sourceId: access.sourceId,
    usageId: taken?.usageId ?? null,
  })
  const [opened] = await together(tx, opening, tokens)
  return {
    open: {
      ...{ attempt: theAttempt(opened), object, contents, isReused: false, isRepair: false },
      attemptsLeft: attemptLimit - attemptsUsed(after),
      quotaLeft: taken?.quotaLeft ?? null,
    },
  }
}
