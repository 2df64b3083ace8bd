import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '../contract/errors.ts'
import { createLog } from './adapters/pino-log.ts'
import { systemClock } from './adapters/system-clock.ts'
import { systemRandom } from './adapters/system-random.ts'
import { runCommand } from './commands/run-command.ts'
import { readServerConfig, type ServerConfig } from './config.ts'
import { choosePort } from './process/choose-port.ts'
import { endWithSupervisor } from './process/end-with-supervisor.ts'
import { writeRunFile } from './process/run-file.ts'
import { startServer } from './start-server.ts'

/** The configuration with the port that is free: a local origin that nobody set follows it. */
async function settlePort(config: ServerConfig): Promise<ServerConfig> {
  if (config.mode === 'production') return config
  const { host, dataDir } = config
  const port = await choosePort({ host, port: config.port, file: path.join(dataDir, 'server-port') })
  const isOriginSet = process.env['MIXMINT_PUBLIC_ORIGIN'] !== undefined
  return { ...config, port, publicOrigin: isOriginSet ? config.publicOrigin : `http://127.0.0.1:${port}` }
}

async function serve(config: ServerConfig): Promise<void> {
  const ports = { clock: systemClock, random: systemRandom, log: createLog(config) }
  const runSecret = systemRandom.bytes(32).toString('base64url')
  const server = await startServer(await settlePort(config), ports, { runSecret })
  const removeRunFile = await writeRunFile(config.dataDir, 'server', {
    address: server.address,
    pid: process.pid,
    secret: runSecret,
  })
  endWithSupervisor(process.env['MIXMINT_SUPERVISED'] === '1', async () => {
    removeRunFile()
    await server[Symbol.asyncDispose]()
    process.exit(0)
  })
  process.stdout.write(`MixMint server is ready: ${server.address}\n`)
}

try {
  const config = readServerConfig(process.env)
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const [command, ...args] = process.argv.slice(2)
  if (command === undefined) await serve(config)
  else process.exit(await runCommand(config, command, args))
} catch (error) {
  const isExpected = error instanceof AppError
  process.stderr.write(`${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(isExpected ? 2 : 1)
}
