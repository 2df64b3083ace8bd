import { mkdirSync } from 'node:fs'
import type { Ports, Power, SettingsStore, Shell } from '../core/ports.ts'
import { openConfSettings } from './conf-settings.ts'
import type { DesktopConfig } from './desktop-config.ts'
import { openDesktopLog } from './desktop-log.ts'
import { lockDataFolder } from './folder-lock.ts'
import { createMeteredConnection } from './metered-connection.ts'
import { openSecretStore } from './open-secret-store.ts'
import { systemClock } from './system-clock.ts'
import { createSystemPower, powerPrograms } from './system-power.ts'
import { systemRandom } from './system-random.ts'

export interface OpenedPorts {
  readonly ports: Ports
  /** Gives the data folder back; the core over these ports is closed before. */
  release(): void
}

interface HostFacts {
  readonly host: Ports['host']
  readonly version: string
  readonly serverAddress: string | null
  readonly returnTo: Ports['returnTo']
  readonly shell: Shell
  /** Another settings file than `conf`'s. */
  readonly settings?: SettingsStore
  /** What the host can do about the computer's sleep; left out: what programs of the system can. */
  readonly power?: Power
}

/** Takes the data folder for this process and opens plain Node's adapters over it. Throws `data-in-use` and what the file system throws. */
export async function openPorts(config: DesktopConfig, facts: HostFacts): Promise<OpenedPorts> {
  const { dataFolder } = config
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const release = lockDataFolder(dataFolder)
  try {
    const log = openDesktopLog(config, facts.host)
    const settings = facts.settings ?? openConfSettings(dataFolder)
    const secrets = await openSecretStore({
      choice: config.secretStore,
      mode: config.mode,
      dataFolder,
      passphrase: config.vaultPassphrase,
      settings,
      log,
    })
    const ports: Ports = {
      power: createSystemPower(powerPrograms(process.platform)),
      metered: createMeteredConnection(process.platform),
      proxyFor: config.proxyFor,
      ...facts,
      clock: systemClock,
      random: systemRandom,
      log,
      secrets,
      settings,
      folders: { data: dataFolder, defaultLibrary: config.defaultLibrary, home: config.home },
    }
    return { ports, release }
  } catch (error) {
    release()
    throw error
  }
}
