import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a program of `build/` as a command line would: a test runner's own environment would give a development build. */
export function runBuild(file: string, ...args: string[]): void {
  const { NODE_ENV: _mode, VITEST: _runner, ...env } = process.env
  const { status, stderr } = spawnSync(process.execPath, [`${ROOT}build/${file}`, ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`build/${file} failed (exit code ${status}):\n${stderr}`)
}
