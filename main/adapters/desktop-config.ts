import { homedir } from 'node:os'
import path from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { ProxyFor } from '../core/ports.ts'
import type { SecretStoreChoice } from './open-secret-store.ts'
import { readProxies } from './read-proxies.ts'

/** How this installation runs, for every host. */
export interface DesktopConfig {
  readonly mode: 'local' | 'production'
  /** Absolute; 0700. */
  readonly dataFolder: string
  readonly defaultLibrary: string
  readonly home: string
  /** Null: the server that runs over the same data folder, which local mode starts when there is none. */
  readonly serverAddress: string | null
  /** Of the headless host; 0: any free one. */
  readonly port: number
  /** Whether a browser may be opened. */
  readonly mayOpenBrowser: boolean
  /** From `MIXMINT_PROXY`, else `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or small. */
  readonly proxyFor: ProxyFor
  readonly secretStore: SecretStoreChoice
  readonly vaultPassphrase: string | null
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
  /** The folder from which relative paths of a command line start. */
  readonly workingFolder: string
  /** Ends when its supervisor's pipe on standard input closes. */
  readonly isSupervised: boolean
}

const SECRET_STORES: readonly SecretStoreChoice[] = ['auto', 'keychain', 'file-vault', 'memory']
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

/** Reads and checks the environment of the desktop's hosts; nothing else of them does. Throws `invalid-config` naming every problem. */
export function readDesktopConfig(env: NodeJS.ProcessEnv, projectFolder: string): DesktopConfig {
  const problems: string[] = []
  const mode = env['MIXMINT_MODE'] ?? 'local'
  if (mode !== 'local' && mode !== 'production')
    problems.push(`MIXMINT_MODE is "${mode}"; it must be local or production.`)
  const dataFolder = path.resolve(env['MIXMINT_DATA_DIR'] ?? path.join(projectFolder, '.mixmint'))
  const serverAddress = readServerAddress(env['MIXMINT_SERVER_URL'], mode, problems)
  const port = Number(env['MIXMINT_PORT'] ?? 4870)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push(`MIXMINT_PORT is "${env['MIXMINT_PORT']}"; it must be a port number.`)
  const secretStore = SECRET_STORES.find((known) => known === (env['MIXMINT_SECRET_STORE'] ?? 'auto'))
  if (secretStore === undefined)
    problems.push(`MIXMINT_SECRET_STORE is "${env['MIXMINT_SECRET_STORE']}"; it must be ${SECRET_STORES.join(', ')}.`)
  const logLevel = LOG_LEVELS.find((known) => known === (env['MIXMINT_LOG'] ?? 'info'))
  if (logLevel === undefined)
    problems.push(`MIXMINT_LOG is "${env['MIXMINT_LOG']}"; it must be ${LOG_LEVELS.join(', ')}.`)
  const proxyFor = readProxies(env, problems)
  if (problems.length > 0) throw new AppError('invalid-config', problems.join('\n'), { problems })
  return {
    mode: mode === 'production' ? 'production' : 'local',
    dataFolder,
    defaultLibrary: path.join(dataFolder, 'Library'),
    home: homedir(),
    serverAddress,
    port,
    mayOpenBrowser: env['MIXMINT_NO_OPEN'] !== '1',
    proxyFor,
    secretStore: secretStore ?? 'auto',
    vaultPassphrase: env['MIXMINT_VAULT_PASSPHRASE'] ?? null,
    logLevel: logLevel ?? 'info',
    // npm runs scripts in the project's folder, and says in which one it was called.
    workingFolder: process.cwd() === projectFolder ? (env['INIT_CWD'] ?? projectFolder) : process.cwd(),
    isSupervised: env['MIXMINT_SUPERVISED'] === '1',
  }
}

/** An origin: https, or http to this computer. Production needs one. */
function readServerAddress(text: string | undefined, mode: string, problems: string[]): string | null {
  if (text === undefined) {
    if (mode === 'production') problems.push('MIXMINT_SERVER_URL is missing.')
    return null
  }
  if (!URL.canParse(text)) {
    problems.push(`MIXMINT_SERVER_URL is "${text}"; it must be an address.`)
    return null
  }
  const { protocol, hostname, origin } = new URL(text)
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && isHere))
    problems.push('MIXMINT_SERVER_URL must be an https:// address, or one of this computer.')
  return origin
}
