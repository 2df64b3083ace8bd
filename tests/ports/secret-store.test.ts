import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { openConfSettings } from '../../main/adapters/conf-settings.ts'
import { openFileVault } from '../../main/adapters/file-vault.ts'
import { openKeyringStore } from '../../main/adapters/keyring-secret-store.ts'
import { createMemorySecretStore } from '../../main/adapters/memory-secret-store.ts'
import { openSecretStore } from '../../main/adapters/open-secret-store.ts'
import type { SecretStore } from '../../main/core/ports.ts'
import { canRunKeychain, openKeychainSession } from '../_kit/keychain-session.ts'
import { recordingLog } from '../_kit/start-core.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'mixmint-secrets-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

const noEnd = async () => {}
type Opened = SecretStore & Partial<AsyncDisposable>
const STORES: [name: string, open: () => Promise<Opened>][] = [
  ['memory', async () => createMemorySecretStore()],
  ['the vault with a key file', async () => openFileVault({ folder: await keptFolder(), passphrase: null })],
  ['the vault with a passphrase', async () => openFileVault({ folder: await keptFolder(), passphrase: 'Pässe-Ⅷ' })],
]
const keptFolders: string[] = []
async function keptFolder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'mixmint-secrets-'))
  keptFolders.push(made)
  return made
}
afterAll(() => Promise.all(keptFolders.map((made) => rm(made, { recursive: true, force: true }))))

for (const backend of ['keytar', 'keyring'] as const) {
  if (canRunKeychain(backend)) STORES.push([`gnome-keyring through ${backend}`, () => openKeychainSession(backend)])
  else console.info(`${backend} is not tried here: it needs dbus-run-session, gnome-keyring and the compiled module`)
}

describe.each(STORES)('R-DC-04: secrets in %s', (_, open) => {
  let store: Opened
  beforeAll(async () => {
    store = await open()
    return async () => await (store[Symbol.asyncDispose] ?? noEnd).call(store)
  })

  test('what was kept is given back, and what was not is absent', async () => {
    expect(await store.get('absent')).toBeNull()
    await store.set('session', 'one')
    expect(await store.get('session')).toBe('one')
    await store.set('session', 'two')
    expect(await store.get('session')).toBe('two')
    expect(await store.get('Session')).toBeNull()
  })

  test('a deleted secret is gone, and deleting again is harmless', async () => {
    await store.set('gone', 'x')
    await store.delete('gone')
    await store.delete('gone')
    expect(await store.get('gone')).toBeNull()
  })

  test.each([
    ['JSON with a private key', JSON.stringify({ kty: 'EC', d: 'aGVsbG8"\\\n', x: 'é' })],
    ['4 kB', 'y'.repeat(4096)],
    ['signs of other scripts', 'पासवर्ड 🔑 "quoted" \\ \t \n end'],
    ['one sign', 'z'],
  ])('%s comes back as it was', async (name, value) => {
    await store.set(name, value)
    expect(await store.get(name)).toBe(value)
  })

  test('secrets that are kept at the same time do not push each other out', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `device-key:${n}`)
    if (store.kind === 'keychain') for (const name of names) await store.set(name, `value of ${name}`)
    else await Promise.all(names.map((name) => store.set(name, `value of ${name}`)))
    for (const name of names) expect(await store.get(name)).toBe(`value of ${name}`)
  })
})

describe('the vault', () => {
  test('survives a start over, and only the right passphrase opens it', async () => {
    const home = await folder()
    const first = await openFileVault({ folder: home, passphrase: 'right' })
    await first.set('session', 'kept')
    const again = await openFileVault({ folder: home, passphrase: 'right' })
    expect(await again.get('session')).toBe('kept')
    const before = await readFile(path.join(home, 'vault.json'))
    for (const passphrase of ['wrong', '', null])
      await expect(openFileVault({ folder: home, passphrase })).rejects.toMatchObject({ code: 'no-secret-store' })
    expect(await readFile(path.join(home, 'vault.json'))).toEqual(before)
  })

  test('its files can be read by their owner alone', async () => {
    const home = await folder()
    await (await openFileVault({ folder: home, passphrase: null })).set('session', 'kept')
    for (const name of ['vault.json', 'vault.key']) expect((await stat(path.join(home, name))).mode & 0o777).toBe(0o600)
  })

  test('a changed or cut file is refused and left as it is', async () => {
    const home = await folder()
    const file = path.join(home, 'vault.json')
    await (await openFileVault({ folder: home, passphrase: null })).set('session', 'kept')
    const whole = await readFile(file, 'utf8')
    const sealed = JSON.parse(whole) as { data: string }
    const data = Buffer.from(sealed.data, 'base64')
    data.writeUInt8(data.readUInt8(0) ^ 1, 0)
    const changed = JSON.stringify({ ...sealed, data: data.toString('base64') })
    for (const text of [whole.slice(0, -9), '', '{}', changed]) {
      await writeFile(file, text)
      await expect(openFileVault({ folder: home, passphrase: null })).rejects.toMatchObject({ code: 'no-secret-store' })
      expect(await readFile(file, 'utf8')).toBe(text)
    }
  })
})

describe('which store is opened', () => {
  const broken = async (): Promise<SecretStore> => {
    throw new AppError('no-secret-store')
  }
  /** A keychain that takes secrets and gives none back, as a locked one may. */
  const forgetful = async (): Promise<SecretStore> => ({
    ...createMemorySecretStore(),
    kind: 'keychain',
    get: async () => null,
  })
  const keychain = async (): Promise<SecretStore> => ({ ...createMemorySecretStore(), kind: 'keychain', notice: null })
  const vault = async (): Promise<SecretStore> => ({ ...createMemorySecretStore(), kind: 'file-vault' })
  const never = () => new Promise<SecretStore>(() => {})

  async function choose(
    open: {
      keytar: () => Promise<SecretStore>
      keyring: () => Promise<SecretStore>
      'file-vault': () => Promise<SecretStore>
    },
    options: Partial<Parameters<typeof openSecretStore>[0]> = {},
  ) {
    const settings = options.settings ?? openConfSettings(await folder())
    const store = await openSecretStore({
      choice: 'auto',
      mode: 'production',
      dataFolder: '/nowhere',
      passphrase: null,
      log: recordingLog([]),
      timeoutMs: 50,
      ...options,
      settings,
      open,
    })
    return { store, settings }
  }
  const all = { keytar: keychain, keyring: keychain, 'file-vault': vault }

  test('the keychain, where one answers', async () => {
    const { store, settings } = await choose(all)
    expect([store.kind, store.notice, settings.readValue('secretStore')]).toEqual(['keychain', null, 'keytar'])
  })

  test.each([
    ['does not load', broken],
    ['gives nothing back', forgetful],
    ['never answers', never],
  ])('a keychain that %s is passed over', async (_, keytar) => {
    const { store, settings } = await choose({ ...all, keytar })
    expect([store.kind, settings.readValue('secretStore')]).toEqual(['keychain', 'keyring'])
  })

  test('R-DC-04: without any keychain the app says so and keeps secrets in memory only; a file is taken by choice, or in local mode', async () => {
    const none = { keytar: broken, keyring: broken, 'file-vault': vault }
    expect((await choose(none)).store).toMatchObject({ kind: 'memory', notice: expect.stringMatching(/sign in again/) })
    expect((await choose(none, { mode: 'local' })).store.kind).toBe('file-vault')
    expect((await choose(none, { choice: 'file-vault' })).store.kind).toBe('file-vault')
    expect((await choose(none, { passphrase: 'given' })).store.kind).toBe('file-vault')
    expect((await choose(none, { mode: 'local', choice: 'keychain' })).store.kind).toBe('memory')
    expect((await choose(all, { choice: 'memory' })).store.kind).toBe('memory')
  })

  test('the store that wrote last time is the only one asked, so that a closed keychain does not look like a sign-out', async () => {
    const { settings } = await choose(all)
    const closed = await choose({ ...all, keytar: broken }, { settings, mode: 'local' })
    expect(closed.store).toMatchObject({ kind: 'memory', notice: expect.stringMatching(/Unlock it/) })
    expect(settings.readValue('secretStore')).toBe('keytar')
    expect((await choose(all, { settings })).store.kind).toBe('keychain')
  })

  test('in production the vault opens with a passphrase only', async () => {
    const options = {
      choice: 'file-vault' as const,
      mode: 'production' as const,
      dataFolder: await folder(),
      settings: openConfSettings(await folder()),
      log: recordingLog([]),
    }
    expect((await openSecretStore({ ...options, passphrase: null })).kind).toBe('memory')
    expect((await openSecretStore({ ...options, passphrase: 'given' })).kind).toBe('file-vault')
  })

  test('with no session bus the keychain modules fail at once, with the failure of the port', async () => {
    const bus = process.env['DBUS_SESSION_BUS_ADDRESS']
    process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nonexistent'
    onTestFinished(() => {
      if (bus === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS']
      else process.env['DBUS_SESSION_BUS_ADDRESS'] = bus
    })
    const failure = await openKeyringStore('MixMint test')
      .then((store) => store.get('x'))
      .then(
        () => null,
        (error: unknown) => error,
      )
    expect(failure).toMatchObject({ code: 'no-secret-store' })
  })
})
