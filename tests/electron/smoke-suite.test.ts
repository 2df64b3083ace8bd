import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { electronExecutable, hasDisplay } from '../../scripts/start/electron-executable.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

function run(args: readonly string[], env: Record<string, string> = {}) {
  const { VITEST: _runner, NODE_ENV: _mode, DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...rest } = process.env
  return spawnSync(process.execPath, [...args], { cwd: ROOT, encoding: 'utf8', env: { ...rest, ...env } })
}

test('R-DC-28: the suite for the real Electron loads, and covers the page, the store and a download', () => {
  const { status, stdout, stderr } = run([
    'node_modules/@playwright/test/cli.js',
    ...['test', '--config', 'playwright.electron.config.ts', '--list', '--reporter=list'],
  ])
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(stdout).toMatch(/sandboxed/)
  expect(stdout).toMatch(/sign up, browse/)
  expect(stdout).toMatch(/the file is downloaded/)
})

test.runIf(electronExecutable() === null)(
  'R-DC-28: where the executable is absent the suite says that it did not run, and succeeds',
  () => {
    const { status, stdout } = run(['scripts/test-electron.ts'])
    expect([status, stdout]).toEqual([0, "not run: Electron's executable is absent\n"])
  },
)

test.runIf(process.platform === 'linux')('R-DC-28: an executable without a display is not started', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-dist-'))
  await writeFile(path.join(folder, 'electron'), '#!/bin/sh\nexit 70\n', { mode: 0o755 })
  const { status, stdout } = run(['scripts/test-electron.ts'], { ELECTRON_OVERRIDE_DIST_PATH: folder })
  await rm(folder, { recursive: true })
  expect([status, stdout]).toEqual([0, 'not run: there is no display (DISPLAY and WAYLAND_DISPLAY are unset)\n'])
  expect(hasDisplay({})).toBe(false)
})
