import type { Handlers } from '../contract/call.ts'
import type { contract } from '../contract/index.ts'
import type { CallContext } from './context.ts'
import { catalogueHandlers } from './domains/catalogue/handlers.ts'
import { commerceHandlers } from './domains/commerce/handlers.ts'
import { cratesHandlers } from './domains/crates/handlers.ts'
import { deliveryHandlers } from './domains/delivery/handlers.ts'
import { entitlementsHandlers } from './domains/entitlements/handlers.ts'
import { identityHandlers } from './domains/identity/handlers.ts'
import { serverInfoHandlers } from './http/server-info.ts'

/** Every call that the server answers: a missing, extra or wrong one does not compile. */
export const handlers = {
  app: serverInfoHandlers,
  identity: identityHandlers,
  catalogue: catalogueHandlers,
  commerce: commerceHandlers,
  entitlements: entitlementsHandlers,
  delivery: deliveryHandlers,
  crates: cratesHandlers,
  library: {},
} satisfies { [D in keyof typeof contract]: Handlers<(typeof contract)[D], 'server', CallContext> }

export type AnyHandler = (context: CallContext, input: never) => Promise<unknown>

/** The handler of a call by its `<domain>.<call>` name. */
export function handlerOf(name: string): AnyHandler | undefined {
  const [domain = '', call = ''] = name.split('.')
  const table: Record<string, Record<string, AnyHandler>> = handlers
  return table[domain]?.[call]
}
