import { describe, expect, it } from 'vitest'
import { dayOf, decideAccess, isRunning, type RightsFacts, type SubscriptionFacts } from './access-rules.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const plan: SubscriptionFacts = {
  id: 'plan',
  plan: 'basic',
  status: 'active',
  expiresOn: '2026-12-21',
  usageId: 'usage',
  used: 0,
  quota: 10,
  isTaken: false,
}
const none: RightsFacts = { isFanOnly: false, isInStore: true, purchase: null, grant: null, subscriptions: [] }
const decide = (rights: Partial<RightsFacts>, contentType: 'track' | 'album' | 'fan' = 'track') =>
  decideAccess({ ...none, ...rights }, contentType, NOW)
const purchase = { id: 'purchase', isRevoked: false }
const grant = { id: 'grant', isRevoked: false, expiresAt: null }

describe('decideAccess', () => {
  it('R-MM-26: each source alone is enough, and with none there is no entitlement', () => {
    expect(decide({ purchase })).toMatchObject({ isAllowed: true, source: 'purchase', sourceId: 'purchase' })
    expect(decide({ grant }, 'fan')).toMatchObject({ isAllowed: true, source: 'fan_entitlement', sourceId: 'grant' })
    expect(decide({ subscriptions: [plan] })).toMatchObject({
      isAllowed: true,
      source: 'subscription',
      sourceId: 'plan',
    })
    expect(decide({})).toMatchObject({ isAllowed: false, reason: 'no-entitlement' })
  })

  it('R-MM-27: purchase comes before grant, grant before plan', () => {
    expect(decide({ purchase, grant, subscriptions: [plan] }, 'fan')).toMatchObject({
      source: 'purchase',
      subscription: null,
    })
    expect(decide({ grant, subscriptions: [plan] }, 'fan')).toMatchObject({
      source: 'fan_entitlement',
      subscription: null,
    })
  })

  it('R-MM-27: a revoked purchase lets the next source speak', () => {
    const revoked = { ...purchase, isRevoked: true }
    expect(decide({ purchase: revoked, subscriptions: [plan] })).toMatchObject({ source: 'subscription' })
    expect(decide({ purchase: revoked })).toMatchObject({ isAllowed: false, reason: 'content-revoked' })
  })

  it('R-MM-15: fan-only content needs a running Super plan', () => {
    const isFanOnly = true
    expect(decide({ isFanOnly, subscriptions: [plan] })).toMatchObject({ reason: 'super-plan-required' })
    expect(decide({ isFanOnly, subscriptions: [{ ...plan, plan: 'pro' }] })).toMatchObject({
      reason: 'super-plan-required',
    })
    expect(decide({ isFanOnly })).toMatchObject({ reason: 'super-plan-required' })
    expect(decide({ isFanOnly, subscriptions: [{ ...plan, plan: 'super', expiresOn: '2026-11-21' }] })).toMatchObject({
      reason: 'super-plan-required',
    })
    expect(decide({ isFanOnly, subscriptions: [{ ...plan, plan: 'super' }] })).toMatchObject({ source: 'subscription' })
  })

  it('R-MM-16: what was bought before it became fan-only stays', () => {
    expect(decide({ isFanOnly: true, purchase })).toMatchObject({ source: 'purchase' })
  })

  it('R-MM-34: on the day a plan ends it gives nothing', () => {
    expect(decide({ subscriptions: [{ ...plan, expiresOn: '2026-11-22' }] })).toMatchObject({ source: 'subscription' })
    expect(decide({ subscriptions: [{ ...plan, expiresOn: '2026-11-21' }] })).toMatchObject({
      reason: 'subscription-expired',
    })
    expect(decide({ subscriptions: [{ ...plan, expiresOn: '2026-11-20' }] })).toMatchObject({
      reason: 'subscription-expired',
    })
  })

  it('R-MM-34: the day is that of UTC, whatever the zone of the computer', () => {
    expect(dayOf(Date.UTC(2026, 10, 21, 23, 59, 59, 999))).toBe('2026-11-21')
    expect(dayOf(Date.UTC(2026, 10, 22))).toBe('2026-11-22')
  })

  it.each(['pending', 'expired', 'refunded'])('a plan that is %s does not run', (status) => {
    expect(isRunning({ status, expiresOn: '2026-12-21' }, '2026-11-21')).toBe(false)
  })

  it('a cancelled plan runs to its end', () => {
    expect(decide({ subscriptions: [{ ...plan, status: 'cancelled' }] })).toMatchObject({ source: 'subscription' })
  })

  it('a plan that was never paid is no plan', () => {
    expect(decide({ subscriptions: [{ ...plan, status: 'pending' }] })).toMatchObject({ reason: 'no-entitlement' })
  })

  it.each([
    ['track', 'tracks'],
    ['album', 'zips'],
    ['fan', 'fanUploads'],
  ] as const)('R-MM-35: a used-up quota for a %s is refused by name', (contentType, quota) => {
    expect(decide({ subscriptions: [{ ...plan, used: 10 }] }, contentType)).toEqual({
      isAllowed: false,
      reason: 'quota-exhausted',
      quota,
    })
  })

  it('a content taken in this period is open even when nothing else is left', () => {
    expect(decide({ subscriptions: [{ ...plan, used: 10, isTaken: true }] })).toMatchObject({
      source: 'subscription',
      quotaLeft: 0,
    })
  })

  it('a plan with units left is chosen before one without', () => {
    const old = { ...plan, id: 'old', used: 10 }
    expect(decide({ subscriptions: [old, plan] })).toMatchObject({ sourceId: 'plan', quotaLeft: 10 })
  })

  it('R-MM-29: a grant ends at its moment and when it is withdrawn', () => {
    expect(decide({ grant: { ...grant, expiresAt: NOW + 1 } }, 'fan')).toMatchObject({ source: 'fan_entitlement' })
    expect(decide({ grant: { ...grant, expiresAt: NOW } }, 'fan')).toMatchObject({ reason: 'no-entitlement' })
    expect(decide({ grant: { ...grant, isRevoked: true } }, 'fan')).toMatchObject({ reason: 'content-revoked' })
  })

  it('what left the store is open to its buyers and is nothing to others', () => {
    expect(decide({ isInStore: false, purchase })).toMatchObject({ source: 'purchase' })
    expect(decide({ isInStore: false, subscriptions: [plan] })).toMatchObject({ reason: 'not-found' })
    expect(decide({ isInStore: false })).toMatchObject({ reason: 'not-found' })
    expect(decide({ isInStore: false, purchase: { ...purchase, isRevoked: true } })).toMatchObject({
      reason: 'content-revoked',
    })
  })
})
