import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { app } from '../../contract/app.ts'
import { catalogue } from '../../contract/catalogue.ts'
import { commerce } from '../../contract/commerce.ts'
import { delivery } from '../../contract/delivery.ts'
import { identity } from '../../contract/identity.ts'
import { library } from '../../contract/library.ts'
import { createMemorySecretStore } from '../../main/adapters/memory-secret-store.ts'
import type { SecretStore } from '../../main/core/ports.ts'
import { asCaller } from '../../server/db/transaction.ts'
import { freshDatabase, type TestDatabase } from '../_kit/databases.ts'
import { filesBelow } from '../_kit/files-below.ts'
import { idOf } from '../_kit/shop.ts'
import { type CoreUnderTest, startCore } from '../_kit/start-core.ts'
import { startTestServer, type TestServer } from '../_kit/start-server.ts'
import { type CuttingProxy, startCuttingProxy } from '../demo/cutting-proxy.ts'

const EMAIL = 'canary.person@people.example'
const PASSWORD = 'canary password nine nine'

/** A secret store that remembers every value that was ever put into it, so that each can be looked for elsewhere. */
function watched(store: SecretStore, seen: Set<string>): SecretStore {
  return {
    ...store,
    get: (name) => store.get(name),
    delete: (name) => store.delete(name),
    async set(name, value) {
      seen.add(value)
      await store.set(name, value)
    },
  }
}

/** Every text of 20 characters or more inside stored secrets: tokens and key parts, also where JSON wraps them. */
function fragmentsOf(secrets: Iterable<string>): string[] {
  return [...secrets].flatMap((secret) => secret.match(/[\w.~+/=-]{20,}/g) ?? [])
}

async function allBytes(folder: string): Promise<string> {
  const files = (await filesBelow(folder)).filter(({ name }) => !/\.(wav|mp3|flac|aiff)$/.test(name))
  return files.map(({ bytes }) => bytes.toString('latin1')).join('\n')
}

describe('secrets stay where they belong', () => {
  let database: TestDatabase
  let server: TestServer
  let proxy: CuttingProxy
  let desktop: CoreUnderTest
  const secrets = new Set<string>()

  beforeAll(async () => {
    database = await freshDatabase('PostgreSQL')
    server = await startTestServer({ db: database.db, seed: 'four-tracks' })
    await server.published
    proxy = await startCuttingProxy(server.address)
    desktop = await startCore({ serverAddress: proxy.address, secrets: watched(createMemorySecretStore(), secrets) })
    await desktop.call(identity.signUp, { email: EMAIL, password: PASSWORD })
    await mainJob()
  })
  afterAll(async () => {
    await desktop[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  async function mainJob(): Promise<void> {
    const { items } = await listed()
    const [track] = items
    if (track === undefined) throw new Error('The store is empty')
    const content = { contentType: 'track' as const, contentId: track.id }
    const payment = await desktop.call(commerce.buy, { items: [content] })
    await fetch(payment.checkoutAddress ?? '', {
      method: 'POST',
      body: new URLSearchParams({ outcome: 'succeed' }),
      redirect: 'manual',
    })
    await desktop.call(commerce.checkPayment, { paymentId: payment.id })
    await desktop.call(library.refresh, {})
    await desktop.call(delivery.start, content)
    for (;;) {
      const { downloads } = await desktop.call(delivery.list, {})
      const status = downloads.find(({ content: { contentId } }) => contentId === track.id)?.status
      if (status === 'done') return
      if (status === 'failed') throw new Error('The download failed')
      await desktop.nextEvent('delivery.progressed')
    }
  }

  async function listed(): Promise<{ items: { id: string }[] }> {
    return desktop.call(catalogue.listTracks, { query: 'short house' })
  }

  /** The secrets of the whole run: session, device key, download tokens, password, the server's own. */
  async function canaries(): Promise<{ name: string; text: string }[]> {
    const tokens = proxy.fileTargets.map((target) => new URL(target, server.address).searchParams.get('token') ?? '')
    const own = await Promise.all(
      (['nonce-key', 'jwt-keys', 'webhook-sandbox'] as const).map((name) => server.services.secrets.get(name)),
    )
    return [
      ...fragmentsOf(secrets).map((text) => ({ name: 'a stored secret', text })),
      ...tokens.map((text) => ({ name: 'a download token', text })),
      ...own.flat().map((text) => ({ name: 'a server secret', text })),
      { name: 'the password', text: PASSWORD },
    ]
  }

  async function expectNone(where: string, haystack: string): Promise<void> {
    expect(haystack.length, `${where} is empty: nothing was looked at`).toBeGreaterThan(100)
    for (const { name, text } of await canaries()) expect(haystack.includes(text), `${name} in ${where}`).toBe(false)
  }

  test('there are canaries of each kind to look for', async () => {
    const kinds = (await canaries()).map(({ name }) => name)
    for (const kind of ['a stored secret', 'a download token', 'a server secret', 'the password'])
      expect(kinds).toContain(kind)
  })

  test('R-MM-50: no token, secret, mail address or password is in the log of the server', async () => {
    await expectNone('the server log', server.log())
    expect(server.log()).not.toContain(EMAIL)
  })

  test('R-DC-04: no token, key or password is in settings, databases or any other file of the desktop', async () => {
    await expectNone('the data folder', await allBytes(desktop.folder))
  })

  test('R-DC-04: no token, key, password or mail address is in the log of the desktop', async () => {
    const log = JSON.stringify(desktop.logged)
    for (const { name, text } of await canaries()) expect(log.includes(text), `${name} in the desktop log`).toBe(false)
    expect(log).not.toContain(EMAIL)
  })

  test('R-DC-04: nothing that a renderer can ask for or is told carries a secret', async () => {
    const answers = [
      await desktop.call(identity.state, {}),
      await desktop.call(identity.listDevices, {}),
      await desktop.call(app.status, {}),
      await desktop.call(app.getSettings, {}),
      await desktop.call(delivery.list, {}),
      await desktop.call(library.list, {}),
      desktop.events,
    ]
    await expectNone('the answers and events', JSON.stringify(answers))
    const refused = await desktop.core.call('delivery.init', {
      contentType: 'track',
      contentId: idOf('x'),
      want: [[0, 1]],
    })
    expect(refused).toMatchObject({ ok: false, error: { code: 'unknown-call' } })
  })

  test('R-MM-50: the database holds no download token, only hashes', async () => {
    const rows = await asCaller(server.services.db, { role: 'service_role' }, async (tx) => ({
      tokens: await tx.selectFrom('download_tokens').selectAll().execute(),
      logs: await tx.selectFrom('download_logs').selectAll().execute(),
    }))
    expect(rows.tokens.length).toBeGreaterThan(0)
    const text = JSON.stringify(rows)
    for (const target of proxy.fileTargets)
      expect(text).not.toContain(new URL(target, server.address).searchParams.get('token'))
  })
})
