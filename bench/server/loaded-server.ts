import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** A server process under load. */
export interface LoadedServer {
  readonly origin: string
  readonly pid: number
  /** Seconds of processor time so far: of the server itself, and of PostgreSQL. */
  cpu(): { readonly server: number; readonly database: number }
  stop(): Promise<void>
}

export interface ServerOptions {
  /** The checkout whose server is measured. */
  readonly root: string
  readonly dataDir: string
  readonly databaseUrl: string | null
  readonly port: number
  readonly profileFolder: string | null
}

const TICKS_PER_SECOND = 100

export async function startLoadedServer(options: ServerOptions): Promise<LoadedServer> {
  const { root, dataDir, databaseUrl, port, profileFolder } = options
  const profile =
    profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, '--cpu-prof-interval=200']
  const child = spawn(process.execPath, [...profile, path.join(root, 'server/main.ts')], {
    cwd: root,
    env: {
      ...process.env,
      MIXMINT_DATA_DIR: dataDir,
      MIXMINT_SERVER_PORT: String(port),
      MIXMINT_SEED: 'none',
      MIXMINT_LOG: 'info',
      MIXMINT_SUPERVISED: '1',
      TRUSTED_PROXIES: '127.0.0.1',
      ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const origin = await readyLine(child)
  const pid = child.pid ?? 0
  return {
    ...{ origin, pid },
    cpu: () => ({ server: cpuOf(pid), database: databaseUrl === null ? 0 : databaseCpu(new URL(databaseUrl).port) }),
    async stop() {
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    },
  }
}

async function readyLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('No output')
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /^MixMint server is ready: (\S+)$/.exec(line)?.[1]
    if (address === undefined) continue
    child.stdout.resume()
    return address
  }
  throw new Error('The server ended before it was ready')
}

/** The processes of the PostgreSQL that listens on this port. */
function databaseCpu(port: string): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const main = pids.find(
    (pid) => read(pid, 'comm').trim() === 'postgres' && read(pid, 'cmdline').includes(`\0${port}\0`),
  )
  const isOurs = (pid: string): boolean => pid === main || read(pid, 'stat').split(') ')[1]?.split(' ')[1] === main
  return main === undefined ? 0 : pids.reduce((sum, pid) => sum + (isOurs(pid) ? cpuOf(Number(pid)) : 0), 0)
}

function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

function cpuOf(pid: number): number {
  const fields = read(String(pid), 'stat').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND
}
