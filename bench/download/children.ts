import { type ChildProcess, type ForkOptions, fork, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { hostEnvironment } from '../../scripts/start/host-environment.ts'

/** Where `npm start` and `mixmint` let Node keep compiled code: what they start does not compile again. */
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/node-compile', import.meta.url))

/** The processes of one benchmark: whatever happens, none of them outlives it. */
export interface Children {
  spawn(command: string, args: readonly string[], options?: SpawnOptions): ChildProcess
  /** A script of this project, as the product starts its own, with a channel for messages. */
  fork(script: string, args: readonly string[], options?: ForkOptions): ChildProcess
  /** Has something ended that others started; ending it twice is harmless. */
  alsoEnd(end: () => PromiseLike<void>): void
  /** Ends those that still run, by their ids, and waits for it. */
  endAll(): Promise<void>
}

export function createChildren(): Children {
  const running = new Set<ChildProcess>()
  const others: (() => PromiseLike<void>)[] = []
  function keep(child: ChildProcess): ChildProcess {
    running.add(child)
    child.once('exit', () => running.delete(child))
    return child
  }
  return {
    spawn: (command, args, options = {}) => keep(spawn(command, args, options)),
    fork: (script, args, options = {}) =>
      keep(
        fork(script, args, { env: hostEnvironment({ ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE }), ...options }),
      ),
    alsoEnd: (end) => void others.push(end),
    async endAll() {
      const left = [...running]
      for (const child of left) child.kill('SIGKILL')
      await Promise.all([...left.map(endOf), ...others.map((end) => end())])
    },
  }
}

/** Waits for the first message of a script. Throws when it ends without one, or after `longestMs`. */
export async function messageOf(child: ChildProcess, longestMs: number): Promise<unknown> {
  const waiting = new AbortController()
  const timer = setTimeout(() => child.kill('SIGKILL'), longestMs)
  try {
    return await Promise.race([
      once(child, 'message', { signal: waiting.signal }).then(([message]: unknown[]) => message),
      once(child, 'exit', { signal: waiting.signal }).then(([code, signal]: unknown[]) => {
        throw new Error(`${child.spawnargs.slice(1, 2).join()} ended with ${code ?? signal} and without an answer`)
      }),
    ])
  } finally {
    clearTimeout(timer)
    waiting.abort()
  }
}

/** Waits until a process has ended. */
export async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
