/** One download in a process of its own, from the queue's start to the published file. Its one argument is a JSON file with `DeliveryAppOptions`. */
import { readFileSync } from 'node:fs'
import { openDeliveryApp } from './delivery-app.ts'
import type { OurSingle } from './single.ts'
import { usageSoFar } from './usage.ts'

const app = await openDeliveryApp(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))
const ended = Promise.withResolvers<void>()
app.onProgress(({ status, reason }) => {
  if (status === 'done') ended.resolve()
  if (status === 'failed' || status === 'stalled')
    ended.reject(new Error(`The download is ${status}: ${reason?.code} ${reason?.message}`))
})
const before = usageSoFar()
const began = performance.now()
await app.handlers.start(undefined, {
  contentType: 'track',
  contentId: '00000000-0000-4000-8000-000000000001',
  title: 'One',
  artist: 'Bench',
})
await ended.promise
const seconds = (performance.now() - began) / 1000
const after = usageSoFar()
const measured: OurSingle = {
  seconds,
  cpuSeconds: after.cpuSeconds - before.cpuSeconds,
  coldCpuSeconds: after.cpuSeconds,
  peakBytes: after.peakBytes,
}
process.send?.(measured)
await app.close()
process.disconnect()
