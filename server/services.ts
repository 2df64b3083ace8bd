import type { ServerAuth } from './auth/server-auth.ts'
import type { ServerConfig } from './config.ts'
import type { Database } from './db/database.ts'
import type { OpenStreams } from './open-streams.ts'
import type { Clock, Log, Mailer, ObjectStore, PaymentProvider, Random } from './ports.ts'
import type { ServerSecrets } from './secrets.ts'

/** What the server's routes, domains and jobs are built over; made once by `server/main.ts` or a test. */
export interface ServerServices {
  readonly db: Database
  readonly config: ServerConfig
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Private masters and public media; keys are content addresses. */
  readonly objects: ObjectStore
  /** The downloads this process is sending; `createOpenStreams()`. */
  readonly streams: OpenStreams
  readonly payments: ReadonlyMap<string, PaymentProvider>
  readonly mailer: Mailer
  readonly secrets: ServerSecrets
  readonly auth: ServerAuth
}
