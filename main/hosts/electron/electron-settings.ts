import { ipcMain } from 'electron'
import Store from 'electron-store'
import { openSettingsFile } from '../../adapters/conf-settings.ts'
import type { SettingsStore } from '../../core/ports.ts'

/** electron-store tells any page where the user's data lies, over this channel of its own. */
const CHANNEL_OF_THE_STORE = 'electron-store-get-data'

/** Opens `<folder>/settings.json` with electron-store: the same file, the same rules as in the other hosts. */
export function openElectronSettings(folder: string): SettingsStore {
  const settings = openSettingsFile(
    folder,
    () =>
      new Store<Record<string, unknown>>({
        cwd: folder,
        name: 'settings',
        configFileMode: 0o600,
        clearInvalidConfig: false,
      }),
  )
  ipcMain.removeAllListeners(CHANNEL_OF_THE_STORE)
  return settings
}
