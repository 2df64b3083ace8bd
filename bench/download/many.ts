import { randomUUID } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import { endOf, messageOf } from './children.ts'
import { type Measured, measureCommand } from './measure-command.ts'
import { type BenchShop, startShop } from './shop-server.ts'
import { startClean } from './single.ts'
import { type StaticServer, startStaticServer } from './static-server.ts'
import { inTurn } from './statistics.ts'

export interface OurManyPlan {
  readonly folder: string
  readonly address: string
  readonly email: string
  readonly parallelDownloads: number
  readonly trackIds: readonly string[]
}

/** What our process tells. */
export interface OurMany extends Measured {
  readonly peakBytes: number
  /** How often a download said why it waits, by its state and code. */
  readonly troubles: Readonly<Record<string, number>>
}

export interface OurManyRun extends OurMany {
  /** Processor time of the server beside it; null where the system does not say. */
  readonly serverCpuSeconds: number | null
  /** Bytes that the server sent for each byte of the files. */
  readonly wireRatio: number
}

export interface ManyResult {
  readonly ours: readonly OurManyRun[]
  readonly others: ReadonlyMap<string, readonly Measured[]>
}

const OURS = fileURLToPath(new URL('our-many.ts', import.meta.url))
const LONGEST_MS = 300_000
const AT_ONCE = 5

/** Lines of shell: `$1` is the list, `$2` the target folder, `$3` the program. */
const ARIA2 = `"$3" -q --no-conf -j${AT_ONCE} --file-allocation=falloc -d "$2" -i "$1"`

/** Downloads many files with ours, over the whole protocol from our server, and with aria2 from plain addresses, in turn. */
export async function measureMany(bench: Bench, runs: number): Promise<ManyResult> {
  const root = path.join(bench.folder, 'many')
  const target = path.join(bench.folder, 'many-target')
  await using shop = await startShop(bench, root)
  await using server = await startStaticServer(bench.children, bench.tools.nginx, {
    root: shop.objectsFolder,
    download: 'none',
    workFolder: path.join(root, 'static'),
  })
  const lists = { aria2: path.join(root, 'list'), aria2_checksum: path.join(root, 'list-checksum') }
  await writeFile(lists.aria2, listOf(server, shop, false))
  await writeFile(lists.aria2_checksum, listOf(server, shop, true))
  const ours: OurManyRun[] = []
  const others = new Map<keyof typeof lists, Measured[]>([
    ['aria2', []],
    ['aria2_checksum', []],
  ])
  await startClean(bench, target)
  bench.say(`not counted: ours ${(await measureOurMany(bench, shop, target)).seconds.toFixed(2)} s`)
  for (let run = 0; run < runs; run += 1) {
    for (const name of inTurn(['ours', 'aria2', 'aria2_checksum'] as const, run)) {
      await startClean(bench, target)
      const measured =
        name === 'ours'
          ? await measureOurMany(bench, shop, target)
          : await measureCommand(bench.children, ARIA2, [lists[name], target, bench.tools.aria2c])
      if (name === 'ours') ours.push(measured as OurManyRun)
      else others.get(name)?.push(measured)
      bench.say(`run ${run + 1} of ${runs}: ${shop.files.length} files with ${name} ${measured.seconds.toFixed(2)} s`)
    }
  }
  return { ours, others }
}

function listOf({ address }: StaticServer, { files }: BenchShop, isChecked: boolean): string {
  return files
    .map(({ sha256, trackId }) => {
      const lines = [`${address}/${sha256.slice(0, 2)}/${sha256}`, `  out=${trackId}.wav`]
      return [...lines, ...(isChecked ? [`  checksum=sha-256=${sha256}`] : [])].join('\n')
    })
    .join('\n')
}

/** Runs ours once, as a new account on a new computer; `nodeArgs` are for its Node. */
export async function measureOurMany(
  { children }: Bench,
  shop: BenchShop,
  target: string,
  nodeArgs: readonly string[] = [],
): Promise<OurManyRun> {
  const plan: OurManyPlan = {
    folder: target,
    address: shop.address,
    email: `${randomUUID()}@people.example`,
    parallelDownloads: AT_ONCE,
    trackIds: shop.files.map(({ trackId }) => trackId),
  }
  const child = children.fork(OURS, [JSON.stringify(plan)], { execArgv: [...nodeArgs] })
  const userId = String(await messageOf(child, LONGEST_MS))
  await shop.giveAll(userId)
  const before = await cpuSecondsOf(shop.pid)
  child.send('go')
  const told = (await messageOf(child, LONGEST_MS)) as OurMany
  const after = await cpuSecondsOf(shop.pid)
  await endOf(child)
  await assertAllHere(path.join(target, 'Library'), shop)
  const { files, bytes } = await shop.delivered(userId)
  if (files !== shop.files.length) throw new Error(`The server calls ${files} of ${shop.files.length} files delivered`)
  const sizeBytes = shop.files.reduce((sum, file) => sum + file.sizeBytes, 0)
  const serverCpuSeconds = before === null || after === null ? null : after - before
  return { ...told, serverCpuSeconds, wireRatio: bytes / sizeBytes }
}

async function assertAllHere(library: string, { files }: BenchShop): Promise<void> {
  const names = (await readdir(library)).filter((name) => !name.startsWith('.'))
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(library, name))).size))
  const isRight = sizes.every((size) => size === files[0]?.sizeBytes)
  if (names.length !== files.length || !isRight) throw new Error(`${names.length} files are in our library`)
}

/** User and system time of a process so far, from the kernel's hundredths of a second; null where there is no such file. */
async function cpuSecondsOf(pid: number): Promise<number | null> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  const [user, system] =
    line
      ?.slice(line.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13) ?? []
  return user === undefined || system === undefined ? null : (Number(user) + Number(system)) / 100
}
