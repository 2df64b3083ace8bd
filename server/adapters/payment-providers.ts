import path from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { ServerConfig } from '../config.ts'
import type { Clock, PaymentProvider, Random } from '../ports.ts'
import type { ServerSecrets } from '../secrets.ts'
import { SandboxProvider } from './sandbox/sandbox-provider.ts'

/** The payment vendors of this server. Throws `invalid-config` in production, for which no live vendor is built in yet. */
export function createPaymentProviders({
  config,
  secrets,
  clock,
  random,
}: {
  config: ServerConfig
  secrets: ServerSecrets
  clock: Clock
  random: Random
}): ReadonlyMap<string, PaymentProvider> {
  if (config.mode === 'production')
    throw new AppError(
      'invalid-config',
      'Production needs a live payment provider, and this version carries the sandbox alone.',
    )
  const folder = path.join(config.dataDir, 'sandbox')
  const sandbox = new SandboxProvider({ folder, origin: config.publicOrigin, clock, random, secrets })
  return new Map([[sandbox.name, sandbox]])
}
