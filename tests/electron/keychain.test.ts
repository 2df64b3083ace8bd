import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesBelow } from '../_kit/files-below.ts'
import { canRunKeychain } from '../_kit/keychain-session.ts'
import { type Shop, startShop } from '../_kit/start-shop.ts'
import { buildShellForTests } from './built-shell.ts'
import { startKeychainBus } from './keychain-bus.ts'
import { type Shell, startShell } from './start-shell.ts'

let built: Awaited<ReturnType<typeof buildShellForTests>>
let shop: Shop
let folder = ''

beforeAll(async () => {
  built = await buildShellForTests()
  shop = await startShop()
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-kept-'))
}, 180_000)

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
  await built.remove()
  await rm(folder, { recursive: true, force: true })
})

async function quit(shell: Shell): Promise<void> {
  await shell.ask('appEvent', { name: 'before-quit', args: [] })
  await shell.until(({ hasQuit }) => hasQuit)
  await shell[Symbol.asyncDispose]()
}

async function filesWith(text: string): Promise<string[]> {
  return (await filesBelow(folder)).filter(({ bytes }) => bytes.includes(text)).map(({ name }) => name)
}

test.runIf(canRunKeychain('keytar'))(
  'R-DC-02 R-DC-04: the built shell keeps its session in the keychain through keytar, and nowhere else',
  async () => {
    await using bus = await startKeychainBus()
    const env = { ...bus.env, MIXMINT_SECRET_STORE: 'keychain' }
    const options = { built: built.folder, folder, serverAddress: shop.address, env }
    const first = await startShell(options)
    await first.until(({ windows }) => windows.length === 1)
    const account = { email: 'keychain@people.example', password: 'a long night in the booth' }
    expect(await first.call('identity.signUp', account)).toMatchObject({ ok: true, value: { status: 'signed-in' } })
    await quit(first)

    const settings = JSON.parse(await readFile(path.join(folder, 'settings.json'), 'utf8'))
    expect(settings).toMatchObject({ values: { secretStore: 'keytar' } })
    for (const secret of ['refresh_token', 'access_token', 'eyJ', '"d":', account.password])
      expect(await filesWith(secret), secret).toEqual([])

    const second = await startShell(options)
    await second.until(({ windows }) => windows.length === 1)
    expect(await second.call('identity.state')).toMatchObject({ ok: true, value: { status: 'signed-in' } })
    await quit(second)
  },
)
