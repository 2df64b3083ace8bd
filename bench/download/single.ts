import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DownloadGrant } from '../../contract/delivery.ts'
import type { Bench } from './bench.ts'
import { endOf, messageOf } from './children.ts'
import type { DeliveryAppOptions } from './delivery-app.ts'
import { type Measured, measureCommand } from './measure-command.ts'
import { type SourceFile, writeSourceFile } from './source-file.ts'
import { type StaticServer, startStaticServer } from './static-server.ts'
import { inTurn } from './statistics.ts'

/** What our process tells of its download. */
export interface OurSingle extends Measured {
  /** Its processor time with its own start. */
  readonly coldCpuSeconds: number
  readonly peakBytes: number
}

export interface OurRun extends OurSingle {
  /** From the start of the process. */
  readonly coldSeconds: number
  /** Bytes on the wire for each byte of the file. */
  readonly wireRatio: number
}

export interface SingleResult {
  readonly server: StaticServer['kind']
  readonly sizeBytes: number
  readonly ours: readonly OurRun[]
  /** By the name of the competitor, in the order of the runs. */
  readonly others: ReadonlyMap<string, readonly Measured[]>
}

const OURS = fileURLToPath(new URL('our-single.ts', import.meta.url))
const LONGEST_MS = 180_000
const NAME = 'one.wav'

/** Lines of shell: `$1` is the address, `$2` the target folder, `$3` the file's SHA-256, `$4` the program. aria2 gets its fastest way to allocate. */
const ARIA2 = '"$4" -q --no-conf -x4 -s4 --file-allocation=falloc -d "$2" -o one.wav'
const CURL = '"$4" -sS -o "$2/one.wav" "$1"'
export const COMPETITORS: Readonly<Record<string, { readonly line: string; readonly tool: 'curl' | 'aria2c' }>> = {
  curl: { line: CURL, tool: 'curl' },
  curl_sync: { line: `${CURL} && sync "$2/one.wav"`, tool: 'curl' },
  curl_sha256sum: { line: `${CURL} && echo "$3  $2/one.wav" | sha256sum -c --status`, tool: 'curl' },
  aria2: { line: `${ARIA2} "$1"`, tool: 'aria2c' },
  aria2_checksum: { line: `${ARIA2} --checksum=sha-256="$3" "$1"`, tool: 'aria2c' },
}

/** The file, the server that serves it, and the folder that every run downloads into. */
export async function singleSource(
  bench: Bench,
  stack: AsyncDisposableStack,
): Promise<{ server: StaticServer; source: SourceFile; target: string }> {
  const root = path.join(bench.folder, 'single')
  await mkdir(root, { recursive: true })
  bench.say(`Writing a file of ${bench.options.sizeBytes} bytes …`)
  const source = await writeSourceFile(path.join(root, NAME), NAME, bench.options.sizeBytes)
  const workFolder = path.join(root, 'server')
  const server = await startStaticServer(bench.children, bench.tools.nginx, { root, download: NAME, workFolder })
  stack.use(server)
  return { server, source, target: path.join(root, 'target') }
}

/** Downloads one file with ours and each of `names`, in turn, `runs` times, from one server whose file is in memory; ours once before. */
export async function measureSingle(bench: Bench, names: readonly string[], runs: number): Promise<SingleResult> {
  await using stack = new AsyncDisposableStack()
  const { server, source, target } = await singleSource(bench, stack)
  const ours: OurRun[] = []
  const others = new Map<string, Measured[]>(names.map((name) => [name, []]))
  await startClean(bench, target)
  bench.say(`not counted: ours ${(await measureOurs(bench, server, source, target)).seconds.toFixed(2)} s`)
  for (let run = 0; run < runs; run += 1) {
    for (const name of inTurn(['ours', ...names], run)) {
      await startClean(bench, target)
      if (name === 'ours') ours.push(await measureOurs(bench, server, source, target))
      else others.get(name)?.push(await measureOther(bench, name, server, source, target))
      const seconds = (name === 'ours' ? ours : others.get(name))?.at(-1)?.seconds ?? 0
      bench.say(`run ${run + 1} of ${runs}: ${name} ${seconds.toFixed(2)} s`)
    }
  }
  return { server: server.kind, sizeBytes: source.sizeBytes, ours, others }
}

/** Nothing of the run before is left: neither its files nor what the disk still has to write. */
export async function startClean({ children, tools }: Bench, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await mkdir(target)
  await endOf(children.spawn(tools.sync, [], { stdio: 'ignore' }))
}

function measureOther(
  { children, tools }: Bench,
  name: string,
  server: StaticServer,
  { sha256 }: SourceFile,
  target: string,
): Promise<Measured> {
  const competitor = COMPETITORS[name]
  if (competitor === undefined) throw new Error(`${name} is no competitor`)
  const args = [`${server.address}/${NAME}`, target, sha256, tools[competitor.tool]]
  return measureCommand(children, competitor.line, args)
}

/** Runs ours once; `nodeArgs` are for its Node. */
export async function measureOurs(
  bench: Bench,
  server: StaticServer,
  source: SourceFile,
  target: string,
  nodeArgs: readonly string[] = [],
): Promise<OurRun> {
  const plan: DeliveryAppOptions = {
    folder: target,
    address: server.address,
    object: await objectOf(server, source, NAME),
  }
  const file = path.join(target, 'plan.json')
  await writeFile(file, JSON.stringify(plan))
  const before = await server.wireBytes()
  const began = performance.now()
  const child = bench.children.fork(OURS, [file], {
    execArgv: [...nodeArgs],
  })
  const told = (await messageOf(child, LONGEST_MS)) as OurSingle
  const coldSeconds = (performance.now() - began) / 1000
  await endOf(child)
  await assertWhole(path.join(target, 'Library'), source)
  const wireBytes = (await server.wireBytes()) - before
  return { ...told, coldSeconds, wireRatio: wireBytes / source.sizeBytes }
}

/** What a grant says of a file: the facts of its bytes, and the entity tag that the static server gives it. */
export async function objectOf(
  { address }: StaticServer,
  source: SourceFile,
  fileName: string,
): Promise<DownloadGrant['object']> {
  const { sizeBytes, sha256, segmentSize, segmentSha256, segmentRoot } = source
  const etag = (await fetch(`${address}/${fileName}`, { method: 'HEAD' })).headers.get('etag') ?? ''
  const words = { audioSha256: null, fileName, mimeType: 'audio/wav' }
  return { sizeBytes, etag, sha256, segmentSize, segmentSha256: [...segmentSha256], segmentRoot, ...words }
}

/** A benchmark of files that are not right would be worth nothing. */
async function assertWhole(library: string, { sha256 }: SourceFile): Promise<void> {
  const names = (await readdir(library)).filter((name) => !name.startsWith('.'))
  const hash = createHash('sha256')
  for (const name of names) for await (const chunk of createReadStream(path.join(library, name))) hash.update(chunk)
  if (names.length !== 1 || hash.digest('hex') !== sha256) throw new Error('Our file is not the file of the server')
}
