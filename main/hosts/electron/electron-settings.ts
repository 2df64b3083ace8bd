import Store from 'electron-store'
import { openSettingsFile } from '../../adapters/conf-settings.ts'
import type { SettingsStore } from '../../core/ports.ts'

/** Opens `<folder>/settings.json` with electron-store: the same file, the same rules as in the other hosts. */
export function openElectronSettings(folder: string): SettingsStore {
  return openSettingsFile(
    folder,
    () =>
      new Store<Record<string, unknown>>({
        cwd: folder,
        name: 'settings',
        configFileMode: 0o600,
        clearInvalidConfig: false,
      }),
  )
}
