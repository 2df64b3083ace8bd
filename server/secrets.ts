import { AppError } from '../contract/errors.ts'
import type { ServerConfig } from './config.ts'
import type { Database } from './db/database.ts'
import { secretOnceMade } from './db/server-secrets.ts'
import type { Random } from './ports.ts'

const LOCAL_SECRETS = ['nonce-key', 'jwt-keys', 'webhook-sandbox'] as const
export type SecretName = (typeof LOCAL_SECRETS)[number]

type Values = readonly [current: string, ...previous: string[]]

/** Secrets that all processes of a server share. */
export interface ServerSecrets {
  /** The present value first, then the previous one during a rotation. Throws `invalid-config` for one that is missing. */
  get(name: SecretName): Promise<Values>
}

const KEY_BYTES = 32

/**
 * Secrets from the environment (production), or from rows that are made once. They are read now, so that asking for one later never
 * needs a transaction: who asks may hold one.
 */
export async function openSecrets(
  db: Database,
  { secrets }: Pick<ServerConfig, 'secrets'>,
  random: Random,
): Promise<ServerSecrets> {
  const known = new Map<string, Values>()
  if (secrets === null)
    for (const name of LOCAL_SECRETS) known.set(name, [await secretOnceMade(db, name, random.bytes(KEY_BYTES))])
  else
    for (const [name, { current, previous }] of Object.entries(secrets))
      known.set(name, previous === null ? [current] : [current, previous])
  return {
    async get(name) {
      const values = known.get(name)
      if (values !== undefined) return values
      throw new AppError('invalid-config', `MIXMINT_SECRET_${name.toUpperCase().replaceAll('-', '_')} is missing.`)
    },
  }
}
