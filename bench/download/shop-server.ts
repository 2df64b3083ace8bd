import { mkdir, open, rename } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openPostgres } from '../../server/db/database.ts'
import { startPostgres } from '../../tests/_kit/embedded-postgres.ts'
import { idOf } from '../../tests/_kit/shop.ts'
import type { Bench } from './bench.ts'
import { type Children, endOf } from './children.ts'
import { delivered, giveAll, liftRateLimits, type ShopFile, stock } from './shop-stock.ts'
import { writeSourceFile } from './source-file.ts'
import { freePort } from './static-server.ts'

/** The server of the product on a durable PostgreSQL, selling `files`. */
export interface BenchShop extends AsyncDisposable {
  readonly address: string
  readonly pid: number
  /** They lie in it as `<first two digits>/<sha256>`. */
  readonly objectsFolder: string
  readonly files: readonly ShopFile[]
  /** Gives an account everything there is, as if it had bought it. */
  giveAll(userId: string): Promise<void>
  /** What the server counted of an account's downloads. */
  delivered(userId: string): Promise<{ readonly files: number; readonly bytes: number }>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Starts database and server as processes of their own and fills the store; `nodeArgs` are for the server's Node. */
export async function startShop(bench: Bench, root: string, nodeArgs: readonly string[] = []): Promise<BenchShop> {
  const { files: count, fileBytes } = bench.options
  const objectsFolder = path.join(root, 'objects')
  bench.say(`Writing ${count} files of ${fileBytes} bytes …`)
  const files = await writeFiles(objectsFolder, count, fileBytes)
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(await startPostgres({ isDurable: true }))
  bench.children.alsoEnd(() => postgres[Symbol.asyncDispose]())
  const server = await startServer(bench.children, nodeArgs, { DATABASE_URL: postgres.url, MIXMINT_DATA_DIR: root })
  stack.defer(server.stop)
  const db = openPostgres(postgres.url, { max: 1 })
  stack.defer(() => db.destroy())
  await stock(db, files)
  await liftRateLimits(db)
  const owned = stack.move()
  return {
    address: server.address,
    pid: server.pid,
    objectsFolder,
    files,
    giveAll: (userId) => giveAll(db, userId, files),
    delivered: (userId) => delivered(db, userId),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function writeFiles(objectsFolder: string, count: number, sizeBytes: number): Promise<ShopFile[]> {
  const files: ShopFile[] = []
  for (let number = 1; number <= count; number += 1) {
    const name = `bench ${number}`
    const beside = path.join(objectsFolder, 'incoming')
    await mkdir(objectsFolder, { recursive: true })
    const written = await writeSourceFile(beside, name, sizeBytes)
    const place = path.join(objectsFolder, written.sha256.slice(0, 2), written.sha256)
    await mkdir(path.dirname(place), { recursive: true })
    await rename(beside, place)
    files.push({ ...written, path: place, name, trackId: idOf(name) })
  }
  return files
}

async function startServer(
  children: Children,
  nodeArgs: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ address: string; pid: number; stop(): Promise<void> }> {
  const port = String(await freePort())
  await using log = await open(path.join(env['MIXMINT_DATA_DIR'] ?? '', 'server.log'), 'a')
  const child = children.spawn(process.execPath, [...nodeArgs, path.join(ROOT, 'server/main.ts')], {
    cwd: ROOT,
    env: {
      ...process.env,
      MIXMINT_SEED: 'none',
      MIXMINT_SUPERVISED: '1',
      MIXMINT_SERVER_PORT: port,
      ...env,
    },
    stdio: ['pipe', 'pipe', log.fd],
  })
  if (child.stdout === null) throw new Error('The server has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /^MixMint server is ready: (\S+)$/.exec(line) ?? []
    if (address === undefined) continue
    child.stdout.resume()
    return {
      address,
      pid: child.pid ?? 0,
      async stop() {
        child.stdin?.end()
        await endOf(child)
      },
    }
  }
  throw new Error('The server ended before it was ready')
}
