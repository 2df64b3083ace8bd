import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface RunFacts {
  readonly address: string
  readonly pid: number
  readonly secret: string
}

/** A supervised child of `npm start`: it ends when its pipe closes, also when the supervisor is killed. */
export interface SupervisedProcess {
  readonly facts: RunFacts
  /** Ends when the process has ended, with its exit code. */
  readonly ended: Promise<number>
  stop(): Promise<void>
}

/** The run file of a live process; null when there is none. */
export async function findLive(dataDir: string, name: string): Promise<RunFacts | null> {
  try {
    const facts = JSON.parse(await readFile(path.join(dataDir, 'run', `${name}.json`), 'utf8')) as RunFacts
    process.kill(facts.pid, 0)
    return facts
  } catch {
    return null
  }
}

const LOOK_EVERY_MS = 50

/** Starts a program of this project by its path and waits until it has written its run file. Throws with its exit code when it ends before. */
export async function superviseProcess(
  name: string,
  script: string,
  dataDir: string,
  env: NodeJS.ProcessEnv,
): Promise<SupervisedProcess> {
  const child = spawn(process.execPath, [path.join(ROOT, script)], {
    cwd: ROOT,
    env: { ...env, MIXMINT_SUPERVISED: '1' },
    stdio: ['pipe', name === 'host' ? 'inherit' : 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : 1))
  const facts = await Promise.race([waitForFacts(dataDir, name, child), ended.then((code) => code)])
  if (typeof facts === 'number')
    throw new Error(`The ${name} ended before it was ready (exit code ${facts}). The lines above say why.`)
  return {
    facts,
    ended,
    async stop() {
      child.stdin?.end()
      await ended
    },
  }
}

async function waitForFacts(dataDir: string, name: string, child: ChildProcess): Promise<RunFacts> {
  for (;;) {
    const facts = await findLive(dataDir, name)
    if (facts?.pid === child.pid && facts !== null) return facts
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
