import { app } from './app.ts'
import type { CallDefinition } from './call.ts'
import { catalogue } from './catalogue.ts'
import { commerce } from './commerce.ts'
import { crates } from './crates.ts'
import { delivery } from './delivery.ts'
import { entitlements } from './entitlements.ts'
import { identity } from './identity.ts'
import { library } from './library.ts'

/** Every domain of the product, by name. */
export const contract = { app, identity, catalogue, commerce, entitlements, delivery, library, crates }

/** Every call, by its `<domain>.<call>` name. */
export const callsByName: ReadonlyMap<string, CallDefinition> = new Map(
  Object.values(contract)
    .flatMap((calls): CallDefinition[] => Object.values(calls))
    .map((call) => [call.name, call]),
)
