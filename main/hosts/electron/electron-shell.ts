import { type BrowserWindow, dialog, Notification, shell } from 'electron'
import type { Shell } from '../../core/ports.ts'
import { mayOpenOutside } from './outside-address.ts'

interface ShellNeeds {
  readonly serverAddress: string | null
  /** Called when the user clicks a notification. */
  readonly onNotificationClick: () => void
  /** The window that a dialog belongs to. */
  readonly window: () => BrowserWindow | null
}

/** The desktop of this computer through Electron. */
export function createElectronShell({ serverAddress, onNotificationClick, window }: ShellNeeds): Shell {
  return {
    async openAddress(address) {
      if (!mayOpenOutside(address, serverAddress)) return false
      return await shell.openExternal(new URL(address).href).then(
        () => true,
        () => false,
      )
    },
    async showInFolder(path) {
      shell.showItemInFolder(path)
      return true
    },
    async pickFolder() {
      const options = { properties: ['openDirectory' as const, 'createDirectory' as const] }
      const parent = window()
      const { canceled, filePaths } =
        parent === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(parent, options)
      return canceled ? null : (filePaths[0] ?? null)
    },
    notify(title, body) {
      if (!Notification.isSupported()) return
      const notification = new Notification({ title, body })
      notification.on('click', onNotificationClick)
      notification.show()
    },
  }
}
