import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { catalogue } from '../../contract/catalogue.ts'
import { type ProjectProcess, runProjectCommand, startProjectProcess } from './project-process.ts'
import { until } from './until.ts'

const DEMO_CACHE = path.resolve(import.meta.dirname, '../../.tmp/demo-cache')
const SEEDED_TRACKS = 4

/** A server process with the four-track catalogue, at one address however often it is stopped and started. */
export interface Shop extends AsyncDisposable {
  readonly address: string
  readonly dataDir: string
  stop(): Promise<void>
  start(): Promise<void>
  /** The mails that went to an address, oldest first. */
  mailsTo(email: string): Promise<string[]>
  /** Whether the file store holds a file of this SHA-256 (hex). */
  sells(sha256: string): Promise<boolean>
  /** `npm run server -- <words>`. */
  command(...words: readonly string[]): Promise<string>
}

/** A port of this computer that nothing listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('There is no free port')
  return address.port
}

/** Starts a shop in a folder of its own and waits until every track can be bought and downloaded. */
export async function startShop(): Promise<Shop> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'mixmint-shop-'))
  const env = {
    MIXMINT_DATA_DIR: dataDir,
    MIXMINT_SERVER_PORT: String(await freePort()),
    MIXMINT_SEED: 'four-tracks',
    MIXMINT_DEMO_CACHE: DEMO_CACHE,
  }
  const launch = (): Promise<ProjectProcess> =>
    startProjectProcess('server/main.ts', env, /^MixMint server is ready: (\S+)$/)
  let running: ProjectProcess | null = await launch()
  const { address } = running
  await until('every demo track is ready', async () => {
    const answer = await fetch(`${address}${catalogue.listTracks.path}?input=${encodeURIComponent('{}')}`)
    const { items } = catalogue.listTracks.output.parse(await answer.json())
    return items.filter(({ isReady }) => isReady).length === SEEDED_TRACKS
  })
  const shop: Shop = {
    address,
    dataDir,
    async stop() {
      await running?.stop()
      running = null
    },
    async start() {
      running ??= await launch()
    },
    async mailsTo(email) {
      const folder = path.join(dataDir, 'mail')
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml')).sort()
      const mails = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')))
      return mails.filter((mail) => mail.startsWith(`To: ${email}\n`))
    },
    async sells(sha256) {
      const names = await readdir(path.join(dataDir, 'objects'), { recursive: true })
      return names.some((name) => path.basename(name) === sha256)
    },
    command: (...words) => runProjectCommand('scripts/server.ts', words, env),
    async [Symbol.asyncDispose]() {
      await shop.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return shop
}
