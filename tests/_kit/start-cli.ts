import path from 'node:path'
import type { Reply } from '../../contract/errors.ts'
import { readDesktopConfig } from '../../main/adapters/desktop-config.ts'
import { openClient } from '../../main/hosts/cli/client.ts'
import { runCli } from '../../main/hosts/cli/run-cli.ts'

const PROJECT = path.resolve(import.meta.dirname, '../..')

export interface CliAnswer {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

/** The command line over a data folder, as `bin/mixmint` runs it, without the process around it. */
export function commandLine(env: NodeJS.ProcessEnv) {
  const config = readDesktopConfig({ MIXMINT_SECRET_STORE: 'file-vault', MIXMINT_LOG: 'debug', ...env }, PROJECT)

  async function run(words: readonly string[], password = ''): Promise<CliAnswer> {
    let out = ''
    let err = ''
    const exitCode = await runCli(words, {
      out: (text) => {
        out += text
      },
      err: (text) => {
        err += text
      },
      readSecret: async () => password,
      openClient: () => openClient(config, PROJECT),
    })
    return { exitCode, out, err }
  }

  /** The reply that `--json` prints, which is all that it prints. */
  async function json(words: readonly string[], password?: string): Promise<Reply<never>> {
    const { out } = await run([...words, '--json'], password)
    if (!/^[^\n]+\n$/.test(out)) throw new Error(`standard output is not one line: ${out}`)
    return JSON.parse(out) as Reply<never>
  }

  return { run, json }
}
