import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Shell } from '../core/ports.ts'
import { noShell } from './no-shell.ts'

/** A host whose computer may have a desktop: opens addresses with the system's own command where there is a display. */
export function createBrowserShell(env: NodeJS.ProcessEnv): Shell {
  return { ...noShell, openAddress: async (address) => await openWithSystem(address, env) }
}

async function openWithSystem(address: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (!/^https?:\/\//.test(address)) return false
  const command = commandFor(process.platform, env)
  if (command === null) return false
  const [program, ...args] = command
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true })
  child.unref()
  return await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)])
}

function commandFor(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): [string, ...string[]] | null {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env['DISPLAY'] === undefined && env['WAYLAND_DISPLAY'] === undefined ? null : ['xdg-open']
}
