/** The whole desktop core in a process of its own: signs up, and when it has been given its files, downloads all of them. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { app } from '../../contract/app.ts'
import type { CallDefinition, Input, Output } from '../../contract/call.ts'
import { delivery } from '../../contract/delivery.ts'
import { fromReply } from '../../contract/errors.ts'
import { identity } from '../../contract/identity.ts'
import { library } from '../../contract/library.ts'
import { readDesktopConfig } from '../../main/adapters/desktop-config.ts'
import { noShell } from '../../main/adapters/no-shell.ts'
import { openPorts } from '../../main/adapters/open-ports.ts'
import { createCore } from '../../main/core/core.ts'
import type { OurMany, OurManyPlan } from './many.ts'
import { usageSoFar } from './usage.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const plan = JSON.parse(process.argv[2] ?? '{}') as OurManyPlan
const { ports, release } = await openPorts(
  readDesktopConfig({ MIXMINT_DATA_DIR: plan.folder, MIXMINT_SECRET_STORE: 'file-vault', HOME: plan.folder }, ROOT),
  {
    host: 'headless',
    version: '0.0.0',
    serverAddress: plan.address,
    returnTo: { auth: 'http://127.0.0.1:4870/return/auth', payment: 'http://127.0.0.1:4870/return/payment' },
    shell: noShell,
  },
)
const core = await createCore(ports)

async function call<C extends CallDefinition>(definition: C, input: Input<C>): Promise<Output<C>> {
  return fromReply(await core.call(definition.name, input)) as Output<C>
}

/** Queues everything as a person does who selects it, and returns when the last file is published. */
async function downloadAll(): Promise<OurMany> {
  const ended = Promise.withResolvers<void>()
  const done = new Set<string>()
  const troubles = new Map<string, number>()
  core.subscribe((event) => {
    if (event.type !== 'delivery.progressed') return
    const { id, status, reason } = event.download
    if (status === 'done') done.add(id)
    if (reason !== null) troubles.set(`${status}: ${reason.code}`, (troubles.get(`${status}: ${reason.code}`) ?? 0) + 1)
    if (status === 'failed') ended.reject(new Error(`A download failed: ${reason?.code} ${reason?.message}`))
    if (done.size === plan.trackIds.length) ended.resolve()
  })
  const before = usageSoFar()
  const began = performance.now()
  for (const contentId of plan.trackIds) await call(delivery.start, { contentType: 'track', contentId })
  await ended.promise
  const seconds = (performance.now() - began) / 1000
  const after = usageSoFar()
  return {
    seconds,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    peakBytes: after.peakBytes,
    troubles: Object.fromEntries(troubles),
  }
}

await call(app.changeSettings, { parallelDownloads: plan.parallelDownloads })
const { account } = await call(identity.signUp, { email: plan.email, password: 'correct horse battery' })
process.send?.(account?.id)
await once(process, 'message')
await call(library.refresh, {})
process.send?.(await downloadAll())
await core.close()
release()
process.disconnect()
