import { hostname, platform } from 'node:os'
import type { Device } from '../../../contract/identity.ts'

/** The system that this computer runs. */
export function thisPlatform(): Device['platform'] {
  const systems: Partial<Record<NodeJS.Platform, Device['platform']>> = { darwin: 'macos', win32: 'windows' }
  return systems[platform()] ?? 'linux'
}

/** The computer's name, cut to what a device may be called (80 printable characters). */
export function thisComputersName(): string {
  const name = hostname()
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, 80)
  return name === '' ? 'My computer' : name
}
