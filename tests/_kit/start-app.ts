import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openFileVault } from '../../main/adapters/file-vault.ts'
import { type CuttingProxy, startCuttingProxy } from '../demo/cutting-proxy.ts'
import { filesBelow } from './files-below.ts'
import { type ProjectProcess, startProjectProcess } from './project-process.ts'
import { freePort, type Shop } from './start-shop.ts'

/** A headless host process in a folder of its own, whose way to the shop can be cut. */
export interface App extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, the same after a restart. */
  readonly address: string
  /** The link that the host printed; new after each start. */
  link(): string
  readonly dataDir: string
  /** The home folder of whoever uses it: empty, and where the folder browser begins. */
  readonly home: string
  readonly library: string
  /** What lies between the host and the shop. */
  readonly proxy: CuttingProxy
  kill(): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
  restart(): Promise<void>
  /** Visible files of the library folder with their paths inside it, by name. */
  libraryFiles(): Promise<string[]>
  /** A secret of the vault by its name; null when there is none. */
  secret(name: string): Promise<string | null>
  /** Files of the data folder, vault included, that contain `text`; also the host's own error output. */
  filesWith(text: string): Promise<string[]>
}

/** Starts a host over `shop`, with nobody signed in. */
export async function startApp(shop: Shop): Promise<App> {
  const root = await mkdtemp(path.join(tmpdir(), 'mixmint-app-'))
  const dataDir = path.join(root, 'data')
  const home = path.join(root, 'home')
  const library = path.join(dataDir, 'Library')
  await mkdir(home)
  const proxy = await startCuttingProxy(shop.address)
  const port = await freePort()
  const env = {
    HOME: home,
    MIXMINT_DATA_DIR: dataDir,
    MIXMINT_PORT: String(port),
    MIXMINT_NO_OPEN: '1',
    MIXMINT_SECRET_STORE: 'file-vault',
    MIXMINT_SERVER_URL: proxy.address,
  }
  const launch = (): Promise<ProjectProcess> =>
    startProjectProcess('main/hosts/headless/main.ts', env, /^MixMint is ready: (\S+)$/)
  let running: ProjectProcess | null = await launch()
  let link = linkIn(running.greeting)
  let errors = ''

  async function end(how: 'kill' | 'stop'): Promise<void> {
    await running?.[how]()
    errors += running?.errors() ?? ''
    running = null
  }
  const app: App = {
    address: running.address,
    link: () => link,
    dataDir,
    home,
    library,
    proxy,
    kill: () => end('kill'),
    stop: () => end('stop'),
    async start() {
      if (running !== null) return
      running = await launch()
      link = linkIn(running.greeting)
    },
    async restart() {
      await app.stop()
      await app.start()
    },
    libraryFiles: async () => (await filesOf(library)).filter((file) => !/(^|\/)\./.test(file)),
    secret: async (name) => await (await openFileVault({ folder: dataDir, passphrase: null })).get(name),
    async filesWith(text) {
      const found = (await filesBelow(dataDir)).filter(({ bytes }) => bytes.includes(text)).map(({ name }) => name)
      return (errors + (running?.errors() ?? '')).includes(text) ? [...found, 'error output'] : found
    },
    async [Symbol.asyncDispose]() {
      await app.stop()
      await proxy[Symbol.asyncDispose]()
      await rm(root, { recursive: true, force: true })
    },
  }
  return app
}

function linkIn(greeting: string): string {
  const [link] = /http:\/\/\S+#link=\S+/.exec(greeting) ?? []
  if (link === undefined) throw new Error(`The host printed no link:\n${greeting}`)
  return link
}

/** Every file below a folder, by its path inside it. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
}
