import path from 'node:path'
import { app, type BrowserWindow, dialog, session } from 'electron'
import { AppError } from '../../../contract/errors.ts'
import { readProxies } from '../../adapters/read-proxies.ts'
import { systemRandom } from '../../adapters/system-random.ts'
import type { SettingsStore } from '../../core/ports.ts'
import { claimLinks, createLinkInbox, linkOfArguments } from './deep-links.ts'
import { dataFolderOf, type ElectronPlace, electronConfig } from './electron-config.ts'
import { openElectronSettings } from './electron-settings.ts'
import { guardSession } from './guard-session.ts'
import { guardNavigation } from './navigation.ts'
import { registerSchemes } from './schemes.ts'
import { findServer } from './setup/find-server.ts'
import { type RunningApp, startApp } from './start-app.ts'
import { refusedSwitch } from './start-switches.ts'
import { openWindow } from './window.ts'

// Vite puts the whole host into one file beside the preload script, the icons and the renderer.
const BUILT = import.meta.dirname

function runHost(): void {
  const place: ElectronPlace = {
    isPackaged: app.isPackaged,
    appFolder: app.getAppPath(),
    userData: app.getPath('userData'),
    music: app.getPath('music'),
  }
  const refused = place.isPackaged ? refusedSwitch((name) => app.commandLine.hasSwitch(name)) : null
  if (refused !== null) throw new AppError('invalid-config', `MixMint does not start with --${refused}.`)
  const dataFolder = dataFolderOf(process.env, place)
  // The profile decides which instances exclude each other, so it lies in the data folder.
  app.setPath('userData', path.join(dataFolder, 'profile'))
  if (app.requestSingleInstanceLock()) hostApp(place, dataFolder)
  else app.exit(0)
}

function hostApp(place: ElectronPlace, dataFolder: string): void {
  const links = createLinkInbox()
  let running: RunningApp | null = null
  links.receive(linkOfArguments(process.argv))
  app.on('second-instance', (_event, argv) => {
    running?.show()
    links.receive(linkOfArguments(argv))
  })
  app.on('open-url', (event, link) => {
    event.preventDefault()
    links.receive(linkOfArguments([link]))
  })
  app.on('web-contents-created', (_event, contents) =>
    guardNavigation(contents, (address) => running?.openOutside(address)),
  )
  // Without a listener the end of the first start's window would end the app.
  app.on('window-all-closed', () => {})
  app.setAppUserModelId('app.mixmint.desktop')
  app.enableSandbox()
  registerSchemes()
  claimLinks(app)

  async function start(): Promise<void> {
    guardSession(session.defaultSession)
    const settings: SettingsStore = openElectronSettings(dataFolder)
    const serverAddress = await findServer({
      place,
      dataFolder,
      settings,
      openWindow: openSetup,
      random: systemRandom,
      proxyFor: readProxies(process.env, []),
    })
    if (serverAddress === null) return app.quit()
    const config = electronConfig(process.env, place, serverAddress)
    running = await startApp({ config, settings, serverAddress, links, builtFolder: BUILT })
  }

  function openSetup(address: string): BrowserWindow {
    const icon = path.join(BUILT, 'icons/icon.png')
    return openWindow({ address, title: 'MixMint', width: 520, height: 560, icon, isPackaged: place.isPackaged })
  }

  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => endWith(error instanceof AppError ? error.message : String(error)))
}

function endWith(message: string): void {
  dialog.showErrorBox('MixMint can not start', message)
  app.exit(2)
}

try {
  runHost()
} catch (error) {
  endWith(error instanceof AppError ? error.message : String(error))
}
