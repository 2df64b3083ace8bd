import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface ServerProcess extends AsyncDisposable {
  readonly address: string
  readonly child: ChildProcess
}

/** A server process of its own, as `npm run server` starts it, with the given environment and nothing of MixMint's from outside. Throws with what it said when it does not start. */
export async function startServerProcess(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(MIXMINT_|DATABASE_|VITEST)/.test(name)),
  )
  const child = spawn(process.execPath, [path.join(ROOT, 'server/main.ts')], {
    cwd: ROOT,
    env: {
      ...clean,
      MIXMINT_LOG: 'error',
      MIXMINT_SUPERVISED: '1',
      MIXMINT_SERVER_PORT: '0',
      MIXMINT_SEED: 'none',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /ready: (\S+)/.exec(line) ?? []
    if (address === undefined) continue
    child.stdout.resume()
    return {
      address,
      child,
      async [Symbol.asyncDispose]() {
        child.stdin.end()
        if (child.exitCode === null) await once(child, 'exit')
      },
    }
  }
  throw new Error(`The server ended before it was ready: ${said}`)
}
