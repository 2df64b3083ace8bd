import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import { endOf, messageOf } from './children.ts'
import type { DeliveryAppOptions } from './delivery-app.ts'
import { objectOf, startClean } from './single.ts'
import { writeSourceFile } from './source-file.ts'
import { startStaticServer } from './static-server.ts'

export interface OurQueuePlan extends DeliveryAppOptions {
  readonly entries: number
}

/** What our process tells of a queue. Times in milliseconds. */
export interface OurQueue {
  readonly entries: number
  /** To queue all of them, one call each. */
  readonly queueMs: number
  readonly listMs: number
  /** To open the app again with all of them waiting. */
  readonly openMs: number
  /** For one small file, from permission to publication, at the head of that queue. */
  readonly eachMs: number
  /** Memory with the queue over memory without it. */
  readonly growthBytes: number
  readonly peakBytes: number
}

const OURS = fileURLToPath(new URL('our-queue.ts', import.meta.url))
const LENGTHS = [10, 100, 1_000, 10_000]
const LONGEST_MS = 240_000
const NAME = 'small.wav'
const SMALL_BYTES = 256 * 1024

/** Measures queues of growing length, each in a process and a folder of its own. */
export async function measureQueue(bench: Bench): Promise<OurQueue[]> {
  const root = path.join(bench.folder, 'queue')
  const target = path.join(bench.folder, 'queue-target')
  await mkdir(root, { recursive: true })
  const source = await writeSourceFile(path.join(root, NAME), NAME, SMALL_BYTES)
  await using server = await startStaticServer(bench.children, bench.tools.nginx, {
    root,
    download: NAME,
    workFolder: path.join(root, 'server'),
  })
  const object = await objectOf(server, source, NAME)
  const measured: OurQueue[] = []
  for (const entries of LENGTHS) {
    await startClean(bench, target)
    const plan: OurQueuePlan = { folder: target, address: server.address, object, entries }
    const file = path.join(target, 'plan.json')
    await writeFile(file, JSON.stringify(plan))
    const child = bench.children.fork(OURS, [file], { execArgv: ['--expose-gc'] })
    const told = (await messageOf(child, LONGEST_MS)) as OurQueue
    await endOf(child)
    measured.push(told)
    bench.say(`${entries} entries: queued in ${told.queueMs.toFixed(0)} ms, listed in ${told.listMs.toFixed(1)} ms`)
  }
  await rm(target, { recursive: true, force: true })
  return measured
}
