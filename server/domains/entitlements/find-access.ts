import { AppError } from '../../../contract/errors.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { ServerTransaction } from '../../db/transaction.ts'
import {
  type AccessDecision,
  type ContentFacts,
  contentFor,
  decideAccess,
  type GrantedAccess,
  rightsFor,
} from '../catalogue/public.ts'

/**
 * Whether and why an account may download a content at `now` (ms). The only access check there is.
 * It takes nothing: for a plan follow it with `takeQuota`, under a lock on account and content.
 * A DJ has no access to own content by being its DJ: only purchase, grant and plan count.
 */
export async function findAccess(
  tx: ServerTransaction,
  userId: string,
  ref: ContentRef,
  now: number,
): Promise<AccessDecision> {
  return judge(tx, userId, await contentFor(tx, ref), now)
}

/** `findAccess` that throws its refusal as the error of that name: `quota-exhausted` says in its detail which quota. */
export async function requireAccess(
  tx: ServerTransaction,
  userId: string,
  ref: ContentRef,
  now: number,
): Promise<{ content: ContentFacts; access: GrantedAccess }> {
  const content = await contentFor(tx, ref)
  if (content === null) throw new AppError('not-found')
  return { content, access: await requireAccessTo(tx, userId, content, now) }
}

/** `requireAccess` for whoever has read the content in this transaction. */
export async function requireAccessTo(
  tx: ServerTransaction,
  userId: string,
  content: ContentFacts,
  now: number,
): Promise<GrantedAccess> {
  const access = await judge(tx, userId, content, now)
  if (access.isAllowed) return access
  const { reason, quota } = access
  throw new AppError(reason, undefined, quota === null ? undefined : { quota })
}

async function judge(
  tx: ServerTransaction,
  userId: string,
  content: ContentFacts | null,
  now: number,
): Promise<AccessDecision> {
  if (content === null || content.status === 'draft') return NOT_FOUND
  const { ref, djId, isFanOnly, isInStore } = content
  const judged = { ...ref, djId, isFanOnly, isInStore }
  const rightsTo = await rightsFor(tx, userId, [judged])
  return decideAccess(rightsTo(judged), ref.contentType, now)
}

const NOT_FOUND = { isAllowed: false, reason: 'not-found', quota: null } as const
