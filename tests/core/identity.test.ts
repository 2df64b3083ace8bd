import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { app } from '../../contract/app.ts'
import { catalogue } from '../../contract/catalogue.ts'
import { AppError, type ErrorCode } from '../../contract/errors.ts'
import { identity } from '../../contract/identity.ts'
import { library } from '../../contract/library.ts'
import { openFileVault } from '../../main/adapters/file-vault.ts'
import { createMemorySecretStore } from '../../main/adapters/memory-secret-store.ts'
import type { SecretStore } from '../../main/core/ports.ts'
import { freshDatabase } from '../_kit/databases.ts'
import { filesBelow } from '../_kit/files-below.ts'
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

const newEmail = () => `person-${++people}@mixmint.example`

/** A secret store that lets the test see what is in it. */
function openSecrets(kind: SecretStore['kind'] = 'keychain') {
  const secrets = new Map<string, string>()
  const store: SecretStore = {
    ...createMemorySecretStore(),
    kind,
    notice: null,
    get: async (name) => secrets.get(name) ?? null,
    set: async (name, value) => void secrets.set(name, value),
    delete: async (name) => void secrets.delete(name),
  }
  return { store, secrets }
}

async function startSignedOut(options: Parameters<typeof startCore>[0] = {}): Promise<CoreUnderTest> {
  const core = await startCore({ serverAddress: server.address, secrets: openSecrets().store, ...options })
  onTestFinished(() => core[Symbol.asyncDispose]())
  return core
}

async function signUp(core: CoreUnderTest, email = newEmail()): Promise<string> {
  await core.call(identity.signUp, { email, password: PASSWORD, fullName: 'Ada Example' })
  return email
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'no failure'> {
  return await work.then(
    () => 'no failure' as const,
    (error: unknown) => {
      if (error instanceof AppError) return error.code
      throw error
    },
  )
}

/** The six digits of the newest mail to `email`. */
async function mailedCode(email: string): Promise<string> {
  const outbox = path.join(server.dataDir, 'mail')
  const files = (await readdir(outbox)).sort()
  const mails = await Promise.all(files.map((file) => readFile(path.join(outbox, file), 'utf8')))
  const mail = mails.findLast((text) => text.includes(email) && /\b\d{6}\b/.test(text))
  return /\b(\d{6})\b/.exec(mail ?? '')?.[1] ?? 'no mail'
}

describe('R-MM-04: signing up, in and out', () => {
  test('an account is created, signed in, and this computer registered', async () => {
    const core = await startSignedOut()
    expect(await core.call(identity.state, {})).toMatchObject({ status: 'signed-out', account: null, device: null })
    const email = await signUp(core)
    const state = await core.call(identity.state, {})
    expect(state).toMatchObject({
      status: 'signed-in',
      account: { email, fullName: 'Ada Example', role: 'user', status: 'active' },
      device: { kind: 'persistent', revokedAt: null },
    })
    const { devices, thisDeviceId } = await core.call(identity.listDevices, {})
    expect(devices.map(({ id }) => id)).toEqual([state.device?.id])
    expect(thisDeviceId).toBe(state.device?.id)
    expect(core.events).toContainEqual({ type: 'identity.changed' })
  })

  test('the same computer keeps its device over sign-out and sign-in', async () => {
    const core = await startSignedOut()
    const email = await signUp(core)
    const { device } = await core.call(identity.state, {})
    expect(await core.call(identity.signOut, {})).toMatchObject({ status: 'signed-out', account: null, device: null })
    expect(await codeOf(core.call(identity.listDevices, {}))).toBe('not-signed-in')
    expect(await core.call(identity.signIn, { email, password: PASSWORD })).toMatchObject({
      status: 'signed-in',
      device: { id: device?.id },
    })
  })

  test('a wrong password and an unknown address answer the same', async () => {
    const core = await startSignedOut()
    const email = await signUp(core)
    await core.call(identity.signOut, {})
    expect(await codeOf(core.call(identity.signIn, { email, password: 'wrong' }))).toBe('invalid-credentials')
    expect(await codeOf(core.call(identity.signIn, { email: newEmail(), password: 'wrong' }))).toBe(
      'invalid-credentials',
    )
    expect(await core.call(identity.state, {})).toMatchObject({ status: 'signed-out' })
  })

  test('a forgotten password is replaced with the mailed code, once', async () => {
    const core = await startSignedOut()
    const email = await signUp(core)
    await core.call(identity.signOut, {})
    await core.call(identity.requestPasswordReset, { email })
    const code = await mailedCode(email)
    const wrong = code === '000000' ? '000001' : '000000'
    const password = 'another password'
    expect(await codeOf(core.call(identity.resetPassword, { email, code: wrong, password }))).toBe('code-expired')
    expect(await core.call(identity.resetPassword, { email, code, password })).toMatchObject({ status: 'signed-in' })
    await core.call(identity.signOut, {})
    expect(await codeOf(core.call(identity.resetPassword, { email, code, password }))).toBe('code-expired')
    expect(await codeOf(core.call(identity.signIn, { email, password: PASSWORD }))).toBe('invalid-credentials')
    expect(await core.call(identity.signIn, { email, password })).toMatchObject({ status: 'signed-in' })
  })

  test('a sign-in with another provider comes back through the return page; a code without its beginning does nothing', async () => {
    const core = await startSignedOut()
    const { address } = await core.call(identity.startOAuth, { provider: 'google' })
    const email = newEmail()
    const back = await throughSandboxProvider(address, email)
    expect(back.startsWith(core.ports.returnTo.auth)).toBe(true)
    const { pathname, search } = new URL(back)
    const stranger = await startSignedOut()
    expect(await stranger.core.followLink(`${pathname}${search}`)).toBe(false)
    expect(await core.core.followLink(`${pathname}${search}`)).toBe(true)
    expect(await core.call(identity.state, {})).toMatchObject({ status: 'signed-in', account: { email } })
    expect(await core.core.followLink(`${pathname}${search}`)).toBe(false)
  })

  test('with no server, signing in says that it is offline, and the app goes on', async () => {
    const core = await startSignedOut({ serverAddress: 'http://127.0.0.1:1' })
    expect(await codeOf(core.call(identity.signIn, { email: newEmail(), password: PASSWORD }))).toBe('offline')
    expect(await codeOf(core.call(identity.startOAuth, { provider: 'google' }))).toBe('offline')
    expect(await core.call(app.status, {})).toMatchObject({ isOnline: false })
  })
})

/** Does what a browser does on the sandbox provider's page; answers where it leads. */
async function throughSandboxProvider(address: string, email: string): Promise<string> {
  const page = await fetch(address, { redirect: 'follow' })
  const html = await page.text()
  const action = /<form[^>]+action="([^"]+)"/.exec(html)?.[1] ?? ''
  const fields = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [name, value],
  )
  const body = new URLSearchParams([...fields, ['email', email], ['answer', 'continue']])
  const answer = await fetch(new URL(action, page.url), { method: 'POST', body, redirect: 'manual' })
  return answer.headers.get('location') ?? `no redirect: ${answer.status}`
}

describe('sessions', () => {
  test('a start over takes the session up again, without a network too', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-identity-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const { store } = openSecrets()
    const first = await startCore({ folder, secrets: store, serverAddress: server.address })
    const email = await signUp(first)
    const { device } = await first.call(identity.state, {})
    await first[Symbol.asyncDispose]()
    const offline = await startSignedOut({ folder, secrets: store, serverAddress: 'http://127.0.0.1:1' })
    expect(await offline.call(identity.state, {})).toMatchObject({ status: 'signed-in', account: { email }, device })
    await offline.core.close()
    const again = await startSignedOut({ folder, secrets: store })
    expect(await again.call(identity.me, {})).toMatchObject({ email })
  })

  test('an access token that the server no longer takes is renewed without the user noticing', async () => {
    const core = await startSignedOut()
    const email = await signUp(core)
    server.clock.advance(2 * 3600_000)
    expect(await core.call(identity.me, {})).toMatchObject({ email })
  })

  test('R-DC-24: a session that has ended for good leaves the library in reach and the store open', async () => {
    const { store, secrets } = openSecrets()
    const core = await startSignedOut({ secrets: store })
    const email = await signUp(core)
    const session = JSON.parse(secrets.get('session') ?? '{}')
    await fetch(`${server.address}/auth/v1/logout?scope=global`, {
      method: 'POST',
      headers: { authorization: `Bearer ${session.access_token}`, apikey: 'sb_publishable_local' },
    })
    expect(await codeOf(core.call(identity.listDevices, {}))).toBe('session-expired')
    expect(await core.call(identity.state, {})).toMatchObject({ status: 'session-expired', account: { email } })
    expect(await core.call(library.list, {})).toMatchObject({ items: [] })
    expect(await core.call(catalogue.listGenres, {})).toMatchObject({ genres: expect.any(Array) })
    expect(secrets.has('session')).toBe(false)
    expect(await core.call(identity.signIn, { email, password: PASSWORD })).toMatchObject({ status: 'signed-in' })
  })

  test('another account on this computer has a device key and a folder of its own', async () => {
    const { store, secrets } = openSecrets()
    const core = await startSignedOut({ secrets: store })
    await signUp(core)
    const first = await core.call(identity.state, {})
    await core.call(identity.signOut, {})
    await signUp(core)
    const second = await core.call(identity.state, {})
    expect(second.device?.thumbprint).not.toBe(first.device?.thumbprint)
    expect([...secrets.keys()].sort()).toEqual(
      [`device-key:${first.account?.id}`, `device-key:${second.account?.id}`, 'session'].sort(),
    )
    expect((await readdir(path.join(core.folder, 'accounts'))).sort()).toEqual(
      [first.account?.id, second.account?.id].sort(),
    )
  })
})

test('work for one account never goes out with the session of another', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-identity-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const mine = openSecrets()
  const first = await startCore({ folder, secrets: mine.store, serverAddress: server.address })
  const email = await signUp(first)
  await first[Symbol.asyncDispose]()
  const others = openSecrets()
  await signUp(await startSignedOut({ secrets: others.store }))
  mine.secrets.set('session', others.secrets.get('session') ?? '')
  const core = await startSignedOut({ folder, secrets: mine.store })
  expect(await core.call(identity.state, {})).toMatchObject({ account: { email } })
  expect(await codeOf(core.call(identity.me, {}))).toBe('session-expired')
  expect(await core.call(identity.signIn, { email, password: PASSWORD })).toMatchObject({ status: 'signed-in' })
})

describe('devices', () => {
  test('R-DC-15: the sixth computer signs in but is not registered, until a device is removed', async () => {
    const first = await startSignedOut()
    const email = await signUp(first)
    for (let more = 0; more < 4; more++) {
      const core = await startSignedOut()
      expect(await core.call(identity.signIn, { email, password: PASSWORD })).toMatchObject({ status: 'signed-in' })
    }
    const sixth = await startSignedOut()
    expect(await sixth.call(identity.signIn, { email, password: PASSWORD })).toMatchObject({
      status: 'needs-device',
      account: { email },
      device: null,
    })
    expect(await codeOf(sixth.call(identity.registerThisDevice, {}))).toBe('device-limit')
    const { device } = await first.call(identity.state, {})
    await sixth.call(identity.revokeDevice, { deviceId: device?.id ?? '' })
    expect(await sixth.call(identity.registerThisDevice, { name: 'Club laptop' })).toMatchObject({
      status: 'signed-in',
      device: { name: 'Club laptop' },
    })
    expect(await codeOf(first.call(identity.listDevices, {}))).toMatch(/session-expired|device-revoked/)
  })

  test('a removed computer comes back with its next sign-in', async () => {
    const core = await startSignedOut()
    const email = await signUp(core)
    const before = await core.call(identity.state, {})
    const other = await startSignedOut()
    await other.call(identity.signIn, { email, password: PASSWORD })
    await other.call(identity.revokeDevice, { deviceId: before.device?.id ?? '' })
    await codeOf(core.call(identity.listDevices, {}))
    expect(await core.call(identity.state, {})).toMatchObject({ status: expect.stringMatching(/expired|needs-device/) })
    expect(await core.call(identity.signIn, { email, password: PASSWORD })).toMatchObject({
      status: 'signed-in',
      device: { revokedAt: null },
    })
  })

  test('forgetting this device revokes it and leaves no secret behind', async () => {
    const { store, secrets } = openSecrets()
    const core = await startSignedOut({ secrets: store })
    const email = await signUp(core)
    const other = await startSignedOut()
    await other.call(identity.signIn, { email, password: PASSWORD })
    const { device } = await core.call(identity.state, {})
    expect(await core.call(identity.forgetThisDevice, {})).toMatchObject({ status: 'signed-out' })
    expect([...secrets.keys()]).toEqual([])
    const { devices } = await other.call(identity.listDevices, {})
    expect(devices.find(({ id }) => id === device?.id)?.revokedAt).toEqual(expect.any(String))
  })

  test('with secrets in memory alone, the device lasts as long as the session and counts towards no limit', async () => {
    const core = await startSignedOut({ secrets: createMemorySecretStore() })
    await signUp(core)
    expect(await core.call(identity.state, {})).toMatchObject({
      secretStore: 'memory',
      secretNotice: expect.stringMatching(/sign in again/),
      device: { kind: 'session' },
    })
  })
})

describe('R-DC-04: secrets rest in the secret store alone', () => {
  test('after a day of use no token and no key is in files, logs, events or answers; sign-out deletes the session', async () => {
    const { store, secrets } = openSecrets()
    const core = await startSignedOut({ secrets: store })
    const email = await signUp(core)
    await core.call(identity.listDevices, {})
    server.clock.advance(2 * 3600_000)
    await core.call(identity.me, {})
    await codeOf(core.call(identity.signIn, { email, password: 'wrong password' }))
    const session = JSON.parse(secrets.get('session') ?? '{}')
    const key = JSON.parse([...secrets].find(([name]) => name.startsWith('device-key:'))?.[1] ?? '{}')
    const canaries = [session.access_token, session.refresh_token, key.d, PASSWORD, 'wrong password']
    expect(canaries.every((canary) => typeof canary === 'string' && canary.length > 8)).toBe(true)
    const answers = JSON.stringify([
      await core.call(identity.state, {}),
      await core.call(app.status, {}),
      await core.call(app.getSettings, {}),
      core.events,
      core.logged,
    ])
    const files = await readAll(core.folder)
    for (const canary of canaries) {
      expect(answers).not.toContain(canary)
      expect(files.filter(({ content }) => content.includes(canary)).map(({ name }) => name)).toEqual([])
    }
    await core.call(identity.signOut, {})
    expect([...secrets.keys()]).toEqual([expect.stringMatching(/^device-key:/)])
  })

  test('the vault file shows no secret and no name of one', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-vault-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const core = await startSignedOut({ secrets: await openFileVault({ folder, passphrase: null }) })
    await signUp(core)
    const vault = await readFile(path.join(folder, 'vault.json'), 'utf8')
    expect(vault).not.toMatch(/session|device-key|access_token|eyJ/)
  })
})

async function readAll(folder: string): Promise<{ name: string; content: string }[]> {
  return (await filesBelow(folder)).map(({ name, bytes }) => ({ name, content: bytes.toString('latin1') }))
}
