import type { Access } from '../../../contract/catalogue.ts'
import type { ContentType } from '../../../contract/values.ts'

/** The counter of a plan that a content type is taken from. */
export type QuotaName = 'tracks' | 'zips' | 'fanUploads'

export interface SubscriptionFacts {
  readonly id: string
  readonly plan: 'basic' | 'pro' | 'super'
  /** `active` and `cancelled` run until `expiresOn`; the others give nothing. */
  readonly status: string
  /** The first day without access, YYYY-MM-DD in UTC. */
  readonly expiresOn: string
  /** The row of the present period that counts what is used; null when there is none. */
  readonly usageId: string | null
  readonly used: number
  readonly quota: number
  /** The content was taken from this period already: it costs nothing again. */
  readonly isTaken: boolean
}

/** Everything that may give one account access to one content. */
export interface RightsFacts {
  readonly isFanOnly: boolean
  /** May be taken from a plan: in the store, by a DJ who is approved now. */
  readonly isInStore: boolean
  readonly purchase: { readonly id: string; readonly isRevoked: boolean } | null
  /** `expiresAt` in ms; null: never. */
  readonly grant: { readonly id: string; readonly isRevoked: boolean; readonly expiresAt: number | null } | null
  /** Plans with the DJ of the content, whatever their state. */
  readonly subscriptions: readonly SubscriptionFacts[]
}

export type RefusalReason =
  | 'not-found'
  | 'no-entitlement'
  | 'super-plan-required'
  | 'subscription-expired'
  | 'quota-exhausted'
  | 'content-revoked'

export interface GrantedAccess {
  readonly isAllowed: true
  readonly source: 'purchase' | 'fan_entitlement' | 'subscription'
  /** The purchase, the grant or the DJ subscription that gives access. */
  readonly sourceId: string
  /** The plan that gives access; null for the other sources. Hand it to `takeQuota`. */
  readonly subscription: SubscriptionFacts | null
  /** Units left of the plan's quota before this content is taken; null for the other sources. */
  readonly quotaLeft: number | null
}

export interface RefusedAccess {
  readonly isAllowed: false
  /** An error code of the contract: throw it as it is. */
  readonly reason: RefusalReason
  /** Which quota is used up, when that is the reason. */
  readonly quota: QuotaName | null
}

export type AccessDecision = GrantedAccess | RefusedAccess

export function quotaOf(contentType: ContentType): QuotaName {
  switch (contentType) {
    case 'track':
      return 'tracks'
    case 'album':
      return 'zips'
    case 'fan':
      return 'fanUploads'
  }
}

/** The calendar day of a moment (ms) in UTC, YYYY-MM-DD. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10)
}

/** A plan runs while today is before its end: on that day and later it gives nothing. */
export function isRunning(subscription: Pick<SubscriptionFacts, 'status' | 'expiresOn'>, today: string): boolean {
  return (subscription.status === 'active' || subscription.status === 'cancelled') && today < subscription.expiresOn
}

/**
 * The one access decision. Sources are tried in order: purchase, then the DJ's grant, then a plan, so that a quota is
 * never spent on what is owned. A refusal names the nearest thing that was missing. `now` is in ms.
 */
export function decideAccess(rights: RightsFacts, contentType: ContentType, now: number): AccessDecision {
  const { purchase, grant } = rights
  if (purchase !== null && !purchase.isRevoked) return granted('purchase', purchase.id)
  if (grant !== null && !grant.isRevoked && (grant.expiresAt === null || now < grant.expiresAt))
    return granted('fan_entitlement', grant.id)
  if (!rights.isInStore) return refused(wasWithdrawn(rights) ? 'content-revoked' : 'not-found')
  const today = dayOf(now)
  const running = rights.subscriptions.filter((subscription) => isRunning(subscription, today))
  const usable = rights.isFanOnly ? running.filter(({ plan }) => plan === 'super') : running
  const best = usable.find(({ isTaken }) => isTaken) ?? usable.find(({ used, quota }) => used < quota) ?? usable[0]
  if (best !== undefined) {
    if (best.isTaken || (best.usageId !== null && best.used < best.quota))
      return {
        ...{ isAllowed: true, source: 'subscription', sourceId: best.id, subscription: best },
        quotaLeft: Math.max(0, best.quota - best.used),
      }
    return { isAllowed: false, reason: 'quota-exhausted', quota: quotaOf(contentType) }
  }
  if (rights.isFanOnly) return refused('super-plan-required')
  if (rights.subscriptions.some(({ status }) => status !== 'pending')) return refused('subscription-expired')
  return refused(wasWithdrawn(rights) ? 'content-revoked' : 'no-entitlement')
}

/** What the store shows of an account's access: what a download would get. A plan whose quota is used up gives none. `now` is in ms. */
export function accessOf(rights: RightsFacts, contentType: ContentType, now: number): Access {
  const decision = decideAccess(rights, contentType, now)
  return decision.isAllowed ? decision.source : 'none'
}

function wasWithdrawn({ purchase, grant }: RightsFacts): boolean {
  return purchase?.isRevoked === true || grant?.isRevoked === true
}

function granted(source: 'purchase' | 'fan_entitlement', sourceId: string): GrantedAccess {
  return { isAllowed: true, source, sourceId, subscription: null, quotaLeft: null }
}

function refused(reason: RefusalReason): RefusedAccess {
  return { isAllowed: false, reason, quota: null }
}
