import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Download, type DownloadStatus, delivery } from '../../contract/delivery.ts'
import { identity } from '../../contract/identity.ts'
import { freshDatabase } from '../_kit/databases.ts'
import { startFaultProxy } from '../_kit/fault-proxy.ts'
import { type CoreUnderTest, startCore } from '../_kit/start-core.ts'
import { startTestServer, type TestServer } from '../_kit/start-server.ts'

const PASSWORD = 'a password for tests'
let server: TestServer
let people = 0

beforeAll(async () => {
  const database = await freshDatabase('PGlite')
  server = await startTestServer({ db: database.db })
  return async () => {
    await server[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  }
})

async function start(serverAddress = server.address): Promise<CoreUnderTest> {
  const core = await startCore({ serverAddress })
  onTestFinished(() => core[Symbol.asyncDispose]())
  return core
}

async function signUp(core: CoreUnderTest): Promise<string> {
  const email = `waiting-${++people}@mixmint.example`
  await core.call(identity.signUp, { email, password: PASSWORD, fullName: 'Ada Example' })
  return email
}

/** Waits until the only download is in one of the states. */
async function reached(core: CoreUnderTest, ...statuses: DownloadStatus[]): Promise<Download> {
  for (;;) {
    const [download] = (await core.call(delivery.list, {})).downloads
    if (download !== undefined && statuses.includes(download.status)) return download
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('DL8: over the real sign-in', () => {
  test('what needs a sign-in, or this device, waits for it, and goes on with the next sign-in of the same account', async () => {
    const core = await start()
    const email = await signUp(core)
    const { device } = await core.call(identity.state, {})
    const other = await start()
    await other.call(identity.signIn, { email, password: PASSWORD })
    await other.call(identity.revokeDevice, { deviceId: device?.id ?? '' })

    await core.call(delivery.start, { contentType: 'track', contentId: randomUUID(), title: 'Tide' })
    const waiting = await reached(core, 'needs-sign-in', 'needs-device', 'failed')
    expect(['needs-sign-in', 'needs-device']).toContain(waiting.status)
    expect(waiting.reason?.code).toMatch(/session-expired|device-revoked|device-unknown/)

    expect(await core.call(identity.signIn, { email, password: PASSWORD })).toMatchObject({ status: 'signed-in' })
    // It was asked for again, and the server now says that there is no such thing.
    expect((await reached(core, 'failed')).reason?.code).toBe('not-found')
  })

  test('R-DC-24: the server gone while something is queued, it waits for the network; back again, it goes on by itself', async () => {
    await using line = await startFaultProxy(Number(new URL(server.address).port))
    const core = await start(line.address)
    await signUp(core)
    line.setPlans(() => ({ refuses: true }))
    line.cutAll()
    await core.call(delivery.start, { contentType: 'track', contentId: randomUUID(), title: 'Tide' })
    const waiting = await reached(core, 'waiting-for-network')
    expect(waiting).toMatchObject({ retryAt: null, reason: { code: 'offline' } })
    line.setPlans(() => null)
    core.core.woke()
    expect((await reached(core, 'failed')).reason?.code).toBe('not-found')
  })
})
