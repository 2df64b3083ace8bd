import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { type DesktopConfig, readDesktopConfig } from '../../adapters/desktop-config.ts'
import { PROXY_VARIABLES } from '../../adapters/read-proxies.ts'

/** What Electron knows of the place it runs in. */
export interface ElectronPlace {
  readonly isPackaged: boolean
  /** The project in development, the archive of the package otherwise. */
  readonly appFolder: string
  /** Electron's own folder for this user and app. */
  readonly userData: string
  readonly music: string
}

/** Of the environment, a package reads these only: what a user may choose, nothing that changes whom it trusts. */
const CHOICES_OF_THE_USER = [
  'MIXMINT_LOG',
  'MIXMINT_SECRET_STORE',
  'MIXMINT_VAULT_PASSPHRASE',
  ...PROXY_VARIABLES,
] as const

/** The data folder: `MIXMINT_DATA_DIR` or `.mixmint` in development, in the user's application data when packaged. */
export function dataFolderOf(env: NodeJS.ProcessEnv, { isPackaged, appFolder, userData }: ElectronPlace): string {
  return isPackaged ? path.join(userData, 'data') : readDesktopConfig(env, appFolder).dataFolder
}

/**
 * How this installation runs. A package is always in production mode, and `serverAddress` is the one of its build or of the user's choice;
 * in development the environment says everything. Throws `invalid-config`.
 */
export function electronConfig(
  env: NodeJS.ProcessEnv,
  place: ElectronPlace,
  serverAddress: string | null,
): DesktopConfig {
  if (!place.isPackaged) return { ...readDesktopConfig(env, place.appFolder), isSupervised: false }
  const chosen = CHOICES_OF_THE_USER.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  const config = readDesktopConfig(
    {
      ...Object.fromEntries(chosen),
      MIXMINT_MODE: 'production',
      MIXMINT_DATA_DIR: dataFolderOf(env, place),
      ...(serverAddress === null ? {} : { MIXMINT_SERVER_URL: serverAddress }),
    },
    place.appFolder,
  )
  return { ...config, defaultLibrary: path.join(place.music, 'MixMint') }
}

const AppConfig = z.object({ serverUrl: z.url().nullable() })

/** The server that the build names in `build/app-config.json`; null when it leaves the question to the first start. Throws for a damaged file. */
export function serverOfBuild(appFolder: string): string | null {
  const { serverUrl } = AppConfig.parse(JSON.parse(readFileSync(path.join(appFolder, 'build/app-config.json'), 'utf8')))
  return serverUrl === null ? null : new URL(serverUrl).origin
}
