import type { Handlers } from '../../../contract/call.ts'
import type { entitlements } from '../../../contract/entitlements.ts'
import type { CallContext } from '../../context.ts'
import { listOwned } from './list-owned.ts'
import { listSubscriptions } from './list-subscriptions.ts'

export const entitlementsHandlers = { listOwned, listSubscriptions } satisfies Handlers<
  typeof entitlements,
  'server',
  CallContext
>
