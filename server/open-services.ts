import path from 'node:path'
import { createObjectStore } from './adapters/object-store.ts'
import { createOutboxMailer } from './adapters/outbox-mailer.ts'
import { createPaymentProviders } from './adapters/payment-providers.ts'
import { createServerAuth } from './auth/create-server-auth.ts'
import type { ServerConfig } from './config.ts'
import { type OpenDatabase, openDatabase } from './db/engine.ts'
import { createOpenStreams } from './open-streams.ts'
import type { Clock, Log, Random } from './ports.ts'
import { openSecrets } from './secrets.ts'
import type { ServerServices } from './services.ts'

/** What a server process brings of its own; a test brings an opened database too. */
export interface ServerPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly database?: OpenDatabase
}

export interface OpenServices extends ServerServices, AsyncDisposable {}

/** Opens the database, migrated, and builds every service over it. Throws `database-in-use`, `invalid-config`. */
export async function openServices(
  config: ServerConfig,
  { clock, random, log, database }: ServerPorts,
): Promise<OpenServices> {
  const onLoss = (error: Error) =>
    log.error({ err: error }, 'the embedded database was lost; the next use opens it again')
  const { db, close } = await (database ?? openDatabase(config.database, { isLocal: config.mode === 'local', onLoss }))
  const secrets = await openSecrets(db, config, random)
  const mailer = createOutboxMailer(path.join(config.dataDir, 'mail'), { clock, random })
  const objects = createObjectStore(config.objects)
  const payments = createPaymentProviders({ config, secrets, clock, random })
  const auth = createServerAuth({ config, db, secrets, clock })
  return {
    ...{ db, config, clock, random, log, objects, streams: createOpenStreams(), payments, mailer, secrets, auth },
    async [Symbol.asyncDispose]() {
      await close()
    },
  }
}
