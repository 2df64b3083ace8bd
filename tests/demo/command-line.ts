import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = path.join(ROOT, 'main/hosts/cli/main.ts')

/** The command line of MixMint as processes of their own, over one data folder. */
export interface CommandLine {
  /** Runs a command to its end and answers the value it printed. Throws with its error when it fails. */
  run<T>(words: readonly string[], input?: string): Promise<T>
  /** Starts a command and leaves it running. */
  start(words: readonly string[]): ChildProcess
}

/** A command line whose environment is `env` and nothing of MixMint's from outside. */
export function commandLine(env: Readonly<Record<string, string>>): CommandLine {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MIXMINT_')))
  const launch = (words: readonly string[]): ChildProcess =>
    spawn(process.execPath, [MAIN, ...words, '--json'], { cwd: ROOT, env: { ...clean, MIXMINT_LOG: 'silent', ...env } })
  return {
    start: launch,
    async run(words, input = '') {
      const child = launch(words)
      let out = ''
      let err = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        out += chunk.toString()
      })
      child.stderr?.on('data', (chunk: Buffer) => {
        err += chunk.toString()
      })
      child.stdin?.end(input)
      await once(child, 'close')
      const reply = parseReply(out)
      if (reply === null || !reply.ok)
        throw new Error(`mixmint ${words.join(' ')} failed: ${reply?.error?.message ?? err}`)
      return reply.value as never
    },
  }
}

function parseReply(out: string): { ok: boolean; value?: unknown; error?: { message: string } } | null {
  try {
    return JSON.parse(out)
  } catch {
    return null
  }
}
