export { type AccessDecision, findAccess, type GrantedAccess, type RefusedAccess } from './find-access.ts'
export { grantPurchase, type PurchaseGrant, revokePurchase } from './grant-purchase.ts'
export { giveBackQuota, takeQuota } from './quota.ts'
