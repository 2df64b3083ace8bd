import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startScriptedServer } from '../_kit/scripted-server.ts'
import { buildShellForTests } from './built-shell.ts'
import type { Recorded } from './fake/record.ts'
import { type Shell, startShell } from './start-shell.ts'

const ID = '7f1d3f0e-3c55-4b8a-9d2e-0a1b2c3d4e5f'
let built: Awaited<ReturnType<typeof buildShellForTests>>
let shell: Shell

beforeAll(async () => {
  built = await buildShellForTests()
  shell = await startShell({ built: built.folder })
  await shell.until(({ windows }) => windows.length === 1)
  await shell.ask('loaded', null)
})

afterAll(async () => {
  await shell[Symbol.asyncDispose]()
  await built.remove()
})

const routesOf = ({ sent }: Recorded): unknown[] =>
  sent.flatMap(({ args }) => {
    const [event] = args as [{ type: string; route?: string }]
    return event.type === 'navigation.requested' ? [event.route] : []
  })
const secondInstance = (...argv: string[]) => shell.ask('appEvent', { name: 'second-instance', args: [argv, '/tmp'] })

describe('R-DC-06: links reach the running app', () => {
  test.each([
    [`mixmint://track/${ID}`, `/track/${ID}`],
    ['mixmint://dj/dj-nova', '/dj/dj-nova'],
    ['mixmint://kit/dj-nova', '/dj/dj-nova'],
    [`mixmint://pack/${ID}`, `/pack/${ID}`],
    [`mixmint://payment/${ID}`, `/payment/${ID}`],
    ['mixmint://library', '/library'],
  ])('R-DC-06: a second start with %s leads the first one to %s', async (link, route) => {
    const before = routesOf(await shell.record()).length
    await secondInstance('/opt/MixMint/mixmint', '--no-sandbox', link)
    const record = await shell.until((now) => routesOf(now).length > before)
    expect(routesOf(record).slice(before)).toEqual([route])
  })

  test('R-DC-06: macOS hands a link over as an event', async () => {
    const before = routesOf(await shell.record()).length
    expect(await shell.ask('appEvent', { name: 'open-url', args: ['mixmint://downloads'] })).toEqual({
      wasPrevented: true,
    })
    const record = await shell.until((now) => routesOf(now).length > before)
    expect(routesOf(record).slice(before)).toEqual(['/downloads'])
  })

  test('R-DC-06: a link that starts the app waits until its page has loaded', async () => {
    await using fresh = await startShell({ built: built.folder, args: [`mixmint://track/${ID}`] })
    await fresh.until(({ windows }) => windows.length === 1)
    expect(routesOf(await fresh.record())).toEqual([])
    await fresh.ask('loaded', null)
    expect(routesOf(await fresh.record())).toEqual([`/track/${ID}`])
  })

  test('R-DC-06: the app asks the system for its links', async () => {
    expect((await shell.record()).protocolClients).toEqual([['mixmint', expect.any(String), [expect.any(String)]]])
    await using packaged = await startShell({
      built: built.folder,
      isPackaged: true,
      appConfig: { serverUrl: 'https://store.example' },
    })
    expect((await packaged.record()).protocolClients).toEqual([['mixmint']])
  })

  test('R-DC-06: unknown links are ignored: 10,000 hostile command lines lead nowhere and break nothing', async () => {
    const before = await shell.record()
    const start = fc.constantFrom(
      'mixmint://',
      'MIXMINT://',
      'mixmint:',
      'mixmint:///',
      '--',
      'file://',
      'mixmint://track/',
      '',
    )
    const argument = fc.oneof(
      fc.tuple(start, fc.string({ unit: 'binary', maxLength: 80 })).map((parts) => parts.join('')),
      fc.constantFrom(
        'mixmint://open?url=https://evil.example',
        'mixmint://track/../../settings',
        'mixmint://dj/..%2f..%2fsettings',
        'mixmint://settings',
        `mixmint://track/${ID}#" --inspect=9229`,
        'mixmint://auth/callback?code=<script>',
        'mixmint://auth/callback',
        `mixmint://track/${'9'.repeat(5000)}`,
        '--remote-debugging-port=9222',
        '--inspect-brk',
      ),
    )
    const lines = fc.sample(fc.array(argument, { minLength: 1, maxLength: 4 }), { numRuns: 10_000, seed: 6 })
    for (let at = 0; at < lines.length; at += 500)
      await Promise.all(lines.slice(at, at + 500).map((argv) => secondInstance('/opt/MixMint/mixmint', ...argv)))
    const after = await shell.record()
    // A link in the middle of hostile arguments may still be a good one; what it leads to is made of known words and ids.
    for (const route of routesOf(after).slice(routesOf(before).length))
      expect(route).toMatch(/^\/[a-z]+(\/[0-9a-z-]+)?$/)
    expect(after.windows).toHaveLength(before.windows.length)
    expect([after.openedOutside, after.errors, after.exitCode]).toEqual([before.openedOutside, [], null])
    expect(await shell.call('app.status')).toMatchObject({ ok: true })
  }, 120_000)

  test('R-DC-06: two links in one command line are none', async () => {
    const before = routesOf(await shell.record())
    await secondInstance('mixmint', 'mixmint://library', 'mixmint://crates')
    await secondInstance('mixmint', 'mixmint://search')
    const record = await shell.until((now) => routesOf(now).length > before.length)
    expect(routesOf(record).slice(before.length)).toEqual(['/search'])
  })
})

describe('the first start of a package without a store', () => {
  const packaged = { isPackaged: true, appConfig: { serverUrl: null }, serverAddress: null }

  test('R-DC-02: it asks for the store, tries what was typed, and remembers it', async () => {
    await using server = await startScriptedServer()
    await using first = await startShell({ built: built.folder, ...packaged })
    const asked = await first.until(({ windows }) => windows.length === 1)
    expect(asked.windows[0]?.address).toBe('app://setup/')
    expect(asked.windows[0]?.options['webPreferences']).not.toHaveProperty('preload')
    expect(Buffer.from((await first.request('app://setup/'))?.body ?? []).toString()).toContain('<form')
    const wrong = await first.request('app://setup/choose?address=http%3A%2F%2F127.0.0.1%3A9')
    expect(Buffer.from(wrong?.body ?? []).toString()).toContain('Nothing answers')
    await first.request(`app://setup/choose?address=${encodeURIComponent(server.address)}`)
    const { windows } = await first.until((record) => record.windows.length === 2)
    expect(windows.map(({ address, isOpen }) => [address, isOpen])).toEqual([
      ['app://setup/', false],
      ['app://mixmint/', true],
    ])
    expect(await first.call('app.status')).toMatchObject({ ok: true, value: { serverAddress: server.address } })
    await first.ask('appEvent', { name: 'before-quit', args: [] })
    await first.until(({ hasQuit }) => hasQuit)
    await using second = await startShell({ built: built.folder, ...packaged, folder: first.folder })
    const again = await second.until((record) => record.windows.length === 1)
    expect(again.windows[0]?.address).toBe('app://mixmint/')
  })

  test('R-DC-02: closing the question ends the app', async () => {
    await using first = await startShell({ built: built.folder, ...packaged })
    await first.until(({ windows }) => windows.length === 1)
    await first.ask('closeWindow', null)
    const { windows } = await first.until(({ hasQuit }) => hasQuit)
    expect(windows).toHaveLength(1)
  })
})
