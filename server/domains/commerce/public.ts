export { applyWebhook } from './apply-webhook.ts'
export { endOverduePayments, sendDueRefunds } from './reconcile.ts'
