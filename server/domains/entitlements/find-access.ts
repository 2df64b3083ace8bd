import type { ContentRef } from '../../../contract/values.ts'
import type { ServerTransaction } from '../../db/transaction.ts'
import { contentFor } from '../catalogue/public.ts'
import { selectRights } from './rows.ts'
import { type AccessDecision, decideAccess } from './rules.ts'

export type { AccessDecision, GrantedAccess, RefusedAccess } from './rules.ts'

/**
 * Whether and why an account may download a content at `now` (ms). The only access check there is.
 * It takes nothing: for a plan follow it with `takeQuota`, under a lock on account and content.
 */
export async function findAccess(
  tx: ServerTransaction,
  userId: string,
  ref: ContentRef,
  now: number,
): Promise<AccessDecision> {
  const content = await contentFor(tx, ref)
  if (content === null || content.status === 'draft') return { isAllowed: false, reason: 'not-found', quota: null }
  const rights = await selectRights(tx, userId, ref, content.djId)
  return decideAccess({ ...rights, isFanOnly: content.isFanOnly, isInStore: content.isInStore }, ref.contentType, now)
}
