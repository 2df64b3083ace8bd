import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = fileURLToPath(new URL('../../node_modules/electron', import.meta.url))

/**
 * Where Electron's executable is; null when it is not installed. Only looks at files: importing the package would start a download.
 */
export function electronExecutable(): string | null {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const name = readText(path.join(PACKAGE, 'path.txt')) ?? (process.platform === 'win32' ? 'electron.exe' : 'electron')
  const file = override === undefined ? path.join(PACKAGE, 'dist', name) : path.join(override, name)
  return existsSync(file) ? file : null
}

/** Whether a window could be shown: always on macOS and Windows, with X11 or Wayland on Linux. */
export function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  return process.platform !== 'linux' || env['DISPLAY'] !== undefined || env['WAYLAND_DISPLAY'] !== undefined
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}
