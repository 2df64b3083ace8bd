/** `npm run test:electron`: the smoke suite in the real Electron; says so, and succeeds, where it can not run. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { electronExecutable, hasDisplay } from './start/electron-executable.ts'

const at = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))

/** Why the suite can not run here; null when it can. */
function obstacle(): string | null {
  if (electronExecutable() === null) return "Electron's executable is absent"
  if (!hasDisplay(process.env)) return 'there is no display (DISPLAY and WAYLAND_DISPLAY are unset)'
  return null
}

const reason = obstacle()
if (reason === null) {
  await import('../build/app.ts')
  const args = [at('node_modules/@playwright/test/cli.js'), 'test', '--config', at('playwright.electron.config.ts')]
  process.exitCode = spawnSync(process.execPath, args, { cwd: at('.'), stdio: 'inherit' }).status ?? 1
} else console.log(`not run: ${reason}`)
