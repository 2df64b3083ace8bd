import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLog } from '../../server/adapters/pino-log.ts'
import { systemRandom } from '../../server/adapters/system-random.ts'
import { readServerConfig, type ServerConfig } from '../../server/config.ts'
import type { Database } from '../../server/db/database.ts'
import { choosePort } from '../../server/process/choose-port.ts'
import { type RunningServer, startServer } from '../../server/start-server.ts'
import { type HandClock, handClock } from './shop.ts'

/** Rendered demo content is shared by all tests of a checkout. */
export const DEMO_CACHE = fileURLToPath(new URL('../../.tmp/demo-cache', import.meta.url))

export interface TestServer extends RunningServer {
  readonly clock: HandClock
  readonly config: ServerConfig
  readonly dataDir: string
  /** Everything that was logged so far, as JSON lines. */
  log(): string
}

/** The whole server over real HTTP on a test's database, in a folder of its own, with a clock that the test moves. */
export async function startTestServer({
  db,
  clock = handClock(Date.now()),
  seed = 'none',
  config: change = {},
}: {
  db: Database
  clock?: HandClock
  seed?: ServerConfig['seed']
  config?: Partial<ServerConfig>
}): Promise<TestServer> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'mixmint-server-'))
  const port = await choosePort({ host: '127.0.0.1', port: 0, file: path.join(dataDir, 'port') })
  const config: ServerConfig = {
    ...readServerConfig({
      MIXMINT_DATA_DIR: dataDir,
      MIXMINT_SEED: seed,
      MIXMINT_SERVER_PORT: String(port),
      MIXMINT_DEMO_CACHE: DEMO_CACHE,
    }),
    ...change,
  }
  const lines: string[] = []
  const log = createLog({ logLevel: 'debug' }, { write: (line) => void lines.push(line) })
  const server = await startServer(config, {
    clock,
    random: systemRandom,
    log,
    database: { db, close: async () => undefined },
  })
  return {
    ...server,
    clock,
    config,
    dataDir,
    log: () => lines.join(''),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
