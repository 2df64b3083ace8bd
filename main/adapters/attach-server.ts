import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { AppError } from '../../contract/errors.ts'
import type { DesktopConfig } from './desktop-config.ts'
import { readLiveRunFile } from './run-file.ts'

export interface AttachedServer {
  readonly address: string
  /** Stops the server if it was started here. */
  stop(): Promise<void>
}

const READY = /^MixMint server is ready: (http\S+)$/

/**
 * The configured server, else the live one over the same data folder, else, in local mode, a new one that ends with this process.
 * Throws `invalid-config` when it does not start.
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
    env: { ...process.env, MIXMINT_DATA_DIR: dataFolder, MIXMINT_SUPERVISED: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => {})
  const address = await Promise.race([readyAddress(child), failed(child)])
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

async function readyAddress({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the server has no output')
  for await (const line of createInterface({ input: stdout })) {
    const [, address] = READY.exec(line) ?? []
    if (address !== undefined) return address
  }
  return await new Promise<never>(() => {})
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new AppError('invalid-config', `The server did not start (exit code ${code}); its output says why.`)
}
