import path from 'node:path'
import { app, ipcMain, Menu, powerMonitor, protocol, type Tray } from 'electron'
import { app as appCalls } from '../../../contract/app.ts'
import type { DesktopConfig } from '../../adapters/desktop-config.ts'
import { openPorts } from '../../adapters/open-ports.ts'
import { createCore } from '../../core/core.ts'
import type { SettingsStore } from '../../core/ports.ts'
import { appMenu } from './app-menu.ts'
import { createAppProtocol } from './app-protocol.ts'
import { createAppWindow } from './app-window.ts'
import { closeBeforeQuit } from './close-before-quit.ts'
import type { LinkInbox } from './deep-links.ts'
import { createElectronPower } from './electron-power.ts'
import { createElectronShell } from './electron-shell.ts'
import { answerCalls } from './ipc.ts'
import { createMediaProtocol } from './media-protocol.ts'
import { APP_ORIGIN } from './own-address.ts'
import { openTray } from './tray.ts'
import { openWindow } from './window.ts'

interface StartOptions {
  readonly config: DesktopConfig
  readonly settings: SettingsStore
  readonly serverAddress: string | null
  readonly links: LinkInbox
  /** The folder of the built files, absolute. */
  readonly builtFolder: string
}

export interface RunningApp {
  /** Opens the window, or brings it to the front. */
  show(): void
  /** Opens an address in the browser, if it is one that the core knows. */
  openOutside(address: string): void
}

/** Puts the core behind a window: protocols, channels, menu, tray and links, until the user quits. Throws `data-in-use`, `newer-data`, `disk-error`. */
export async function startApp(options: StartOptions): Promise<RunningApp> {
  const { config, settings, serverAddress, links, builtFolder } = options
  const isMac = process.platform === 'darwin'
  const { isPackaged } = app
  const icons = path.join(builtFolder, 'icons')
  const window = createAppWindow(() =>
    openWindow({
      address: `${APP_ORIGIN}/`,
      title: 'MixMint',
      width: 1280,
      height: 820,
      preload: path.join(builtFolder, 'preload.cjs'),
      icon: path.join(icons, 'icon.png'),
      isPackaged,
    }),
  )
  const { ports, release } = await openPorts(config, {
    host: 'electron',
    version: app.getVersion(),
    serverAddress,
    returnTo: { auth: 'mixmint://auth/callback', payment: 'mixmint://payment' },
    shell: createElectronShell({ serverAddress, onNotificationClick: window.show, window: window.current }),
    settings,
    power: createElectronPower(),
  })
  const core = await createCore(ports, { isStrict: config.mode === 'local' }).catch((error: unknown) => {
    release()
    throw error
  })

  const { log, random } = ports
  protocol.handle('app', createAppProtocol({ rendererFolder: path.join(builtFolder, 'renderer'), random }))
  protocol.handle('media', createMediaProtocol({ openMedia: core.openMedia, log }))
  answerCalls(ipcMain, core)
  core.subscribe(window.tell)
  powerMonitor.on('resume', core.woke)

  Menu.setApplicationMenu(Menu.buildFromTemplate(appMenu({ isMac, isPackaged, goTo: window.goTo })))
  let tray: Tray | null = openTray({ icons, isMac, show: window.show, goTo: window.goTo, quit: () => app.quit() })
  closeBeforeQuit(app, async () => {
    window.hide()
    tray?.destroy()
    tray = null
    await core.close()
    release()
  })
  app.on('window-all-closed', () => {
    if (!isMac) app.quit()
  })
  app.on('activate', window.show)
  window.show()
  links.open((link) => {
    window.show()
    void core.followLink(link)
  })
  return { show: window.show, openOutside: (address) => void core.call(appCalls.openInBrowser.name, { address }) }
}
