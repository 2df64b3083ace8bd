import path from 'node:path'
import { readDesktopConfig } from '../../adapters/desktop-config.ts'
import { openClient } from './client.ts'
import { readSecret } from './read-secret.ts'
import { runCli } from './run-cli.ts'

const PROJECT = path.resolve(import.meta.dirname, '../../..')

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readSecret,
  openClient: async () => await openClient(readDesktopConfig(process.env, PROJECT), PROJECT),
})
