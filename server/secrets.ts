import { AppError } from '../contract/errors.ts'
import type { Database } from './db/database.ts'
import { secretOnceMade } from './db/server-secrets.ts'
import type { Random } from './ports.ts'
import type { ServerConfig } from './config.ts'

export type SecretName = 'nonce-key' | 'jwt-keys' | 'webhook-sandbox'

/** Secrets that all processes of a server share. */
export interface ServerSecrets {
  /** The present value first, then the previous one during a rotation. */
  get(name: SecretName): Promise<readonly [current: string, ...previous: string[]]>
}

const KEY_BYTES = 32

/** Secrets from the environment (production) or from rows that are made once under a lock. Throws `invalid-config` for one that is missing. */
export function openSecrets(db: Database, { secrets }: Pick<ServerConfig, 'secrets'>, random: Random): ServerSecrets {
  const known = new Map<SecretName, Promise<readonly [string, ...string[]]>>()
  const read = async (name: SecretName): Promise<readonly [string, ...string[]]> => {
    if (secrets === null) return [await secretOnceMade(db, name, random.bytes(KEY_BYTES))]
    const pair = secrets[name]
    if (pair === undefined)
      throw new AppError('invalid-config', `MIXMINT_SECRET_${name.toUpperCase().replaceAll('-', '_')} is missing.`)
    return pair.previous === null ? [pair.current] : [pair.current, pair.previous]
  }
  return {
    get(name) {
      const value = known.get(name) ?? read(name)
      known.set(name, value)
      return value
    },
  }
}
