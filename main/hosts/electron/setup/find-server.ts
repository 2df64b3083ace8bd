import type { BrowserWindow } from 'electron'
import { AppError } from '../../../../contract/errors.ts'
import { readDesktopConfig } from '../../../adapters/desktop-config.ts'
import { readLiveRunFile } from '../../../adapters/run-file.ts'
import type { ProxyFor, Random, SettingsStore } from '../../../core/ports.ts'
import { type ElectronPlace, serverOfBuild } from '../electron-config.ts'
import { askServer } from './ask-server.ts'
import { readTypedAddress } from './server-address.ts'

/** The server that the user named at the first start. */
const CHOSEN = 'serverUrl'

interface FindNeeds {
  readonly place: ElectronPlace
  readonly dataFolder: string
  readonly settings: SettingsStore
  readonly openWindow: (address: string) => BrowserWindow
  readonly random: Random
  readonly proxyFor: ProxyFor
}

/**
 * The server's origin. Packaged: the one of the build, else the one that the user chose, else the user is asked; null when the user closes
 * the question. In development: the one of the environment, else the live one over the same data folder. Throws `invalid-config`.
 */
export async function findServer(needs: FindNeeds): Promise<string | null> {
  const { place, dataFolder, settings, openWindow, random, proxyFor } = needs
  if (!place.isPackaged) return await serverOfDevelopment(place, dataFolder)
  const known = serverOfBuild(place.appFolder) ?? chosenBefore(settings)
  if (known !== null) return known
  const chosen = await askServer(openWindow, random, proxyFor)
  if (chosen !== null) settings.writeValue(CHOSEN, chosen)
  return chosen
}

async function serverOfDevelopment({ appFolder }: ElectronPlace, dataFolder: string): Promise<string> {
  const { serverAddress } = readDesktopConfig(process.env, appFolder)
  const found = serverAddress ?? (await readLiveRunFile(dataFolder, 'server'))?.address
  if (found === undefined) throw new AppError('invalid-config', 'No server is running. Start the app with: npm start')
  return found
}

function chosenBefore(settings: SettingsStore): string | null {
  const stored = settings.readValue(CHOSEN)
  return typeof stored === 'string' ? readTypedAddress(stored) : null
}
