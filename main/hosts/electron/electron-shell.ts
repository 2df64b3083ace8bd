import { type BrowserWindow, dialog, Notification, shell } from 'electron'
import type { Shell } from '../../core/ports.ts'

interface ShellNeeds {
  readonly serverAddress: string | null
  /** Called when the user clicks a notification. */
  readonly onNotificationClick: () => void
  /** The window that a dialog belongs to. */
  readonly window: () => BrowserWindow | null
}

/**
 * Whether the browser may be asked to open an address, whoever asks: `https`, or the server itself when it runs on this computer. Which
 * hosts are known is the core's decision; this is the last lock before the system, which would start programs for other schemes.
 */
export function mayOpenOutside(address: string, serverAddress: string | null): boolean {
  if (address.length > 4000 || !URL.canParse(address)) return false
  const { protocol, origin, username, password } = new URL(address)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  if (protocol !== 'http:' || serverAddress === null) return false
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(serverAddress).hostname)
  return isHere && origin === new URL(serverAddress).origin
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
