import type { ContentType } from '../../../contract/values.ts'
import type { ServerTransaction } from '../../db/transaction.ts'
import type { RightsFacts } from './access-rules.ts'
import { type RightsRow, selectRights } from './rights-rows.ts'

/** What must be known of a content to judge the access to it. */
export interface JudgedContent {
  readonly contentType: ContentType
  readonly contentId: string
  readonly djId: string
  readonly isFanOnly: boolean
  /** Published, by a DJ who is approved now. */
  readonly isInStore: boolean
}

/** Judges many contents after one statement: the answer gives the rights of the account to each of them. */
export async function rightsFor(
  tx: ServerTransaction,
  userId: string | null,
  contents: readonly JudgedContent[],
): Promise<(content: JudgedContent) => RightsFacts> {
  if (userId === null || contents.length === 0) return (content) => rightsTo(content, NO_RIGHTS)
  const rights = await selectRights(
    tx,
    userId,
    contents.map(({ contentId }) => contentId),
    [...new Set(contents.map(({ djId }) => djId))],
  )
  return (content) => rightsTo(content, rights)
}

const NO_RIGHTS: RightsRow = { purchases: [], grants: [], plans: [], takes: [] }

function rightsTo(content: JudgedContent, { purchases, grants, plans, takes }: RightsRow): RightsFacts {
  const { contentType, contentId, djId, isFanOnly, isInStore } = content
  const isThis = (right: { contentType: ContentType; contentId: string }): boolean =>
    right.contentId === contentId && right.contentType === contentType
  const took = takes.filter(isThis)
  return {
    isFanOnly,
    isInStore,
    purchase: purchases.find(isThis) ?? null,
    grant: contentType === 'fan' ? (grants.find((grant) => grant.contentId === contentId) ?? null) : null,
    subscriptions: plans
      .filter((plan) => plan.djId === djId)
      .map(({ id, plan, status, expiresOn, usageId, periodStart, used, quota }) => ({
        ...{ id, plan, status, expiresOn, usageId },
        used: used[contentType],
        quota: quota[contentType],
        isTaken: periodStart !== null && took.some(({ at }) => at >= periodStart),
      })),
  }
}
