import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LONGEST_START_MS = 60_000

/** A program of this project that has said it is ready. */
export interface ProjectProcess {
  readonly pid: number
  /** What the ready line named. */
  readonly address: string
  /** Everything it printed until it was ready. */
  readonly greeting: string
  /** Everything it wrote to its standard error so far. */
  errors(): string
  /** Ends it in the orderly way, by closing its standard input. */
  stop(): Promise<void>
  /** Ends it with SIGKILL: it can tidy nothing up. */
  kill(): Promise<void>
}

/** The environment of this process without what configures MixMint or its database. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const isOurs = (name: string): boolean => name.startsWith('MIXMINT_') || name.startsWith('DATABASE_')
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)))
}

/** Starts `script` with only `env` of MixMint's variables; resolves when it prints a line that `ready` matches. Throws with its error output when it does not. */
export async function startProjectProcess(
  script: string,
  env: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<ProjectProcess> {
  const child = spawn(process.execPath, [path.join(ROOT, script)], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), MIXMINT_LOG: 'debug', MIXMINT_SUPERVISED: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const ended = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_START_MS)
  const { address, greeting } = await readUntil(child, ready, () => errors).finally(() => clearTimeout(timer))
  child.stdout.resume()
  return {
    pid: child.pid ?? 0,
    address,
    greeting,
    errors: () => errors,
    async stop() {
      child.stdin.end()
      await ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function readUntil(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  ready: RegExp,
  errors: () => string,
): Promise<{ address: string; greeting: string }> {
  let greeting = ''
  for await (const line of createInterface({ input: child.stdout })) {
    greeting += `${line}\n`
    const [, address] = ready.exec(line) ?? []
    if (address !== undefined) return { address, greeting }
  }
  throw new Error(`${child.spawnargs[1]} ended before it was ready:\n${greeting}${errors()}`)
}

/** Runs a command of this project to its end. Throws with what it printed when its exit code is not 0. */
export async function runProjectCommand(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, [path.join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), MIXMINT_LOG: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}:\n${printed}`)
  return printed
}
