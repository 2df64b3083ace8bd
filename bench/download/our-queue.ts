/** A queue of many entries in a process of its own. Its argument is a JSON file with `OurQueuePlan`; Node runs it with `--expose-gc`. */
import { readFileSync } from 'node:fs'
import { type DeliveryApp, openDeliveryApp } from './delivery-app.ts'
import type { OurQueue, OurQueuePlan } from './queue.ts'
import { median } from './statistics.ts'
import { usageSoFar } from './usage.ts'

const LISTS = 5
const SETTLES = 3
const SETTLE_MS = 100
/** Downloads over which the time of one is told, with the queue still nearly full. */
const SAMPLE = 10

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as OurQueuePlan

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** What the process holds once nothing is left lying about. */
async function settledMemory(): Promise<number> {
  for (let round = 0; round < SETTLES; round += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  }
  return process.memoryUsage.rss()
}

/** A track's id that says its number. */
function contentId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

async function queueAll(app: DeliveryApp): Promise<void> {
  for (let number = 1; number <= plan.entries; number += 1) {
    const words = { title: `Track number ${number}`, artist: 'An artist' }
    await app.handlers.start(undefined, { contentType: 'track', contentId: contentId(number), ...words })
  }
}

async function sampleDone(app: DeliveryApp): Promise<void> {
  const ended = Promise.withResolvers<void>()
  let done = 0
  const stop = app.onProgress(({ status, reason }) => {
    if (status === 'done') done += 1
    if (status === 'failed') ended.reject(new Error(`A download failed: ${reason?.code}`))
    if (done >= Math.min(SAMPLE, plan.entries)) ended.resolve()
  })
  await app.handlers.resumeAll(undefined, {})
  await ended.promise
  stop()
}

const first = await openDeliveryApp(plan)
await first.handlers.pauseAll(undefined, {})
const emptyBytes = await settledMemory()
const queueMs = await timed(() => queueAll(first))
const lists: number[] = []
let fullBytes = 0
for (let round = 0; round < LISTS; round += 1) {
  lists.push(await timed(async () => await first.handlers.list(undefined, {})))
  fullBytes = await settledMemory()
}
await first.close()

let second: DeliveryApp = first
const openMs = await timed(async () => {
  second = await openDeliveryApp(plan)
})
const sampleMs = await timed(() => sampleDone(second))
await second.handlers.pauseAll(undefined, {})
await second.close()
const told: OurQueue = {
  entries: plan.entries,
  queueMs,
  listMs: median(lists),
  openMs,
  eachMs: sampleMs / Math.min(SAMPLE, plan.entries),
  growthBytes: fullBytes - emptyBytes,
  peakBytes: usageSoFar().peakBytes,
}
process.send?.(told)
process.disconnect()
