import { createLog } from '../adapters/pino-log.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { systemRandom } from '../adapters/system-random.ts'
import type { ServerConfig } from '../config.ts'
import { openServices } from '../open-services.ts'
import { readLiveRunFile } from '../process/run-file.ts'
import { resetAttempts } from './reset-attempts.ts'

const USAGE = `Usage: npm run server                                     start the server
       npm run server -- reset-attempts <mail> <content>   give an account its download attempts back (audited)
`

/** Runs one maintenance command: through the live server where that holds the database alone, else on the database itself. Answers the exit code. */
export async function runCommand(config: ServerConfig, command: string, args: readonly string[]): Promise<number> {
  const [mail, content] = args
  if (command !== 'reset-attempts' || mail === undefined || content === undefined) {
    process.stderr.write(USAGE)
    return 2
  }
  const live = config.database.kind === 'pglite' ? await readLiveRunFile(config.dataDir, 'server') : null
  const count =
    live === null ? await onDatabase(config, { mail, content }) : await throughServer(live, { mail, content })
  process.stdout.write(`${count} attempts of ${mail} were reset.\n`)
  return 0
}

async function onDatabase(config: ServerConfig, request: { mail: string; content: string }): Promise<number> {
  await using services = await openServices(config, {
    clock: systemClock,
    random: systemRandom,
    log: createLog(config),
  })
  return resetAttempts(services, request)
}

async function throughServer(
  live: { address: string; secret: string },
  request: { mail: string; content: string },
): Promise<number> {
  const response = await fetch(`${live.address}/maintenance/reset-attempts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${live.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  const answer = (await response.json()) as { count?: number; detail?: string }
  if (answer.count === undefined) throw new Error(`The server answered ${response.status}: ${answer.detail ?? ''}`)
  return answer.count
}
