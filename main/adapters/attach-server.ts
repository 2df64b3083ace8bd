import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { AppError } from '../../contract/errors.ts'
import type { DesktopConfig } from './desktop-config.ts'
import { readLiveRunFile } from './run-file.ts'

export interface AttachedServer {
  readonly address: string
  /** Stops the server if it was started here. */
  stop(): Promise<void>
}

const READY = /^MixMint server is ready: (http\S+)$/
/** How much of what a failed start printed is shown, in characters. */
const SHOWN = 2_000

/**
 * The configured server, else the live one over the same data folder, else, in local mode, a new one that ends with this process and logs to
 * `<data>/logs/server.log`. Throws `invalid-config` with its own words when it does not start.
 */
export async function attachServer(config: DesktopConfig, projectFolder: string): Promise<AttachedServer> {
  if (config.serverAddress !== null) return { address: config.serverAddress, stop: async () => {} }
  const live = await readLiveRunFile(config.dataFolder, 'server')
  if (live !== null) return { address: live.address, stop: async () => {} }
  return await startServerProcess(config, projectFolder)
}

/** The child watches the pipe of its standard input, so that it ends however this process ends. */
async function startServerProcess({ dataFolder }: DesktopConfig, projectFolder: string): Promise<AttachedServer> {
  const child = spawn(process.execPath, [path.join(projectFolder, 'server/main.ts')], {
    cwd: projectFolder,
    env: {
      NODE_COMPILE_CACHE: path.join(projectFolder, 'node_modules/.cache/node-compile'),
      ...process.env,
      MIXMINT_DATA_DIR: dataFolder,
      MIXMINT_SUPERVISED: '1',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  const lastWords = logTo(path.join(dataFolder, 'logs'), child.stderr)
  const address = await Promise.race([readyAddress(child.stdout), failed(child, lastWords)])
  child.stdout.resume()
  return {
    address,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}

/** Writes what the server says to its log; the answer gives the end of it. */
function logTo(folder: string, stderr: Readable): () => string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = createWriteStream(path.join(folder, 'server.log'), { flags: 'a', mode: 0o600 })
  let last = ''
  stderr.on('data', (chunk: Buffer) => {
    last = (last + chunk.toString('utf8')).slice(-SHOWN)
  })
  stderr.pipe(file)
  return () => last.trim()
}

async function readyAddress(stdout: Readable): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const [, address] = READY.exec(line) ?? []
    if (address !== undefined) return address
  }
  // The output has ended, so the process is ending too, and that is what the caller hears of.
  return await new Promise<never>(() => {})
}

async function failed(child: ChildProcess, lastWords: () => string): Promise<never> {
  const [code] = await once(child, 'close')
  throw new AppError('invalid-config', `The server did not start (exit code ${code}):\n${lastWords()}`)
}
