export { findAccess, requireAccess } from './find-access.ts'
export { grantPurchase, ownsByPurchase, type PurchaseGrant, revokePurchase } from './grant-purchase.ts'
export { giveBackQuota, type TakenUnit, takeQuota } from './quota.ts'
export type { AccessDecision, GrantedAccess, RefusalReason, RefusedAccess } from './rules.ts'
