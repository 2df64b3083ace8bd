import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { callsByName } from '../../contract/index.ts'
import { writeRunFile } from '../../main/adapters/run-file.ts'
import { freshDatabase } from '../_kit/databases.ts'
import { filesBelow } from '../_kit/files-below.ts'
import { commandLine } from '../_kit/start-cli.ts'
import { startHeadless } from '../_kit/start-headless.ts'
import { startTestServer, type TestServer } from '../_kit/start-server.ts'

const PASSWORD = 'a password for tests'
let server: TestServer
let people = 0

beforeAll(async () => {
  const database = await freshDatabase('PGlite')
  server = await startTestServer({ db: database.db, seed: 'four-tracks' })
  await server.published
  return async () => {
    await server[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  }
})

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function openCli(env: NodeJS.ProcessEnv = {}) {
  const data = await dataFolder()
  return { data, ...commandLine({ MIXMINT_DATA_DIR: data, MIXMINT_SERVER_URL: server.address, ...env }) }
}

async function signedUp() {
  const cli = await openCli()
  const email = `cli-${++people}@mixmint.example`
  expect(await cli.run(['signup', email, '--password-stdin'], PASSWORD)).toMatchObject({ exitCode: 0 })
  return { ...cli, email }
}

test('the main job from the command line: sign up, search, buy, download, library, crate, sync', async () => {
  const { run, json, data, email } = await signedUp()
  expect(await json(['status'])).toMatchObject({ ok: true, value: { status: 'signed-in', account: { email } } })

  const found = await run(['search', 'short', 'house'])
  const [id = ''] = /[0-9a-f-]{36}/.exec(found.out) ?? []
  expect(found).toMatchObject({ exitCode: 0, out: expect.stringContaining('Short House') })

  expect(await json(['buy', id, '--pay', 'succeed', '--wait'])).toMatchObject({
    ok: true,
    value: { status: 'captured' },
  })
  expect(await run(['buy', id])).toMatchObject({ exitCode: 1, err: expect.stringMatching(/already own/i) })

  expect(await json(['download', id, '--wait'])).toMatchObject({ ok: true, value: { downloads: [{ status: 'done' }] } })
  expect(await json(['library'])).toMatchObject({ ok: true, value: { items: [{ trackId: id, state: 'here' }] } })
  const files = await readdir(path.join(data, 'Library'))
  expect(files.filter((name) => name.endsWith('.mp3'))).toHaveLength(1)

  await mkdir(path.join(data, 'usb'))
  await run(['crate', 'create', 'Friday'])
  await run(['crate', 'folder', 'friday', path.join(data, 'usb')])
  await run(['crate', 'add', 'Friday', 'Short House'])
  expect(await json(['sync', 'Friday'])).toMatchObject({ ok: true, value: { added: 1, playlist: 'Friday.m3u8' } })
  expect(await json(['sync', 'Friday'])).toMatchObject({ ok: true, value: { added: 0, writes: 0, unchanged: 1 } })
  expect((await readdir(path.join(data, 'usb'))).sort()).toEqual(
    ['.mixmint-crate.json', 'Friday.m3u8', ...files.filter((name) => name.endsWith('.mp3'))].sort(),
  )

  expect(await json(['crate', 'names', 'Friday', '{mood} {title}'])).toMatchObject({
    ok: false,
    error: { code: 'invalid-input' },
  })
  expect(await run(['crate', 'names', 'Friday', '{mood} {title}'])).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('Nothing is known by {mood}'),
  })
  expect(await run(['crate', 'names', 'Friday', '{title} by {artist}'])).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^\{title\} by \{artist\}\n {2}Short House by .+\.mp3\n$/),
  })
  expect(await json(['sync', 'Friday'])).toMatchObject({ ok: true, value: { renamed: 1, added: 0 } })
  expect(await readdir(path.join(data, 'usb'))).toContainEqual(expect.stringMatching(/^Short House by .+\.mp3$/))
  expect(await json(['crate', 'names', 'Friday', 'none'])).toMatchObject({ ok: true, value: { template: null } })
})

test.each([
  ['fail', 'failed', 1],
  ['cancel', 'cancelled', 1],
  ['duplicate', 'captured', 0],
] as const)('a payment that ends as "%s" is told as %s', async (outcome, status, exitCode) => {
  const { run } = await signedUp()
  const answer = await run(['buy', 'Short Techno', '--pay', outcome, '--wait', '--json'])
  expect(JSON.parse(answer.out)).toMatchObject({ ok: true, value: { status } })
  expect(answer.exitCode).toBe(exitCode)
})

test('a payment that is still open is found again, not opened twice; paying it later completes it', async () => {
  const { json } = await signedUp()
  const first = await json(['buy', 'Short House'])
  const second = await json(['buy', 'Short House'])
  expect(first).toMatchObject({ ok: true, value: { id: expect.any(String), checkoutAddress: expect.any(String) } })
  expect(second).toEqual(first)
  expect(await json(['buy', 'Short House', '--pay', 'succeed', '--wait'])).toMatchObject({
    value: { id: first.ok ? (first.value as { id: string }).id : '', status: 'captured' },
  })
})

describe('exit codes and streams', () => {
  test.each([
    [['nonsense'], 2],
    [['search', '--nonsense'], 2],
    [['login'], 2],
    [['call', 'app.nothing'], 2],
    [['call', 'app.status', '{broken'], 2],
    [['call', 'app.changeSettings', '{"volume":9}'], 2],
    [['call', 'delivery.init', '{}'], 2],
    [['buy', 'x', '--pay', 'maybe'], 2],
    [['crate', 'show', 'No such crate'], 1],
    [['devices'], 1],
    [['sync', 'x'], 1],
  ])('%j ends with %i, and says why on standard error', async (words, exitCode) => {
    const { run } = await openCli()
    const answer = await run(words)
    expect([answer.exitCode, answer.out]).toEqual([exitCode, ''])
    expect(answer.err.length).toBeGreaterThan(5)
  })

  test('without a server: 3', async () => {
    const { run } = await openCli({ MIXMINT_SERVER_URL: 'http://127.0.0.1:1' })
    expect((await run(['search', 'house'])).exitCode).toBe(3)
    expect((await run(['status'])).exitCode).toBe(0)
  })

  test('a wrong password: 1, and the password is in no output and no file', async () => {
    const { run, data } = await openCli()
    const answer = await run(['login', 'nobody@mixmint.example', '--password-stdin'], 'canary-password')
    expect(answer.exitCode).toBe(1)
    const contents = (await filesBelow(data)).map(({ bytes }) => bytes.toString('latin1'))
    expect([answer.out, answer.err, ...contents].join('\n')).not.toContain('canary-password')
  })

  test('with --json standard output carries one line: the answer or the failure', async () => {
    const { json } = await openCli()
    expect(await json(['search'])).toMatchObject({ ok: true, value: { items: expect.any(Array) } })
    expect(await json(['devices'])).toMatchObject({ ok: false, error: { code: 'not-signed-in' } })
    expect(await json(['nonsense'])).toMatchObject({ ok: false, error: { code: 'invalid-input' } })
  })

  test('every call that a renderer may make can be made from here', async () => {
    const { json } = await openCli()
    const listed = await json(['calls'])
    const names = [...callsByName.values()].filter(({ audience }) => audience === 'renderer').map(({ name }) => name)
    expect(listed.ok && (listed.value as { name: string }[]).map(({ name }) => name)).toEqual(names)
    expect(await json(['call', 'app.changeSettings', '{"volume":0.25}'])).toMatchObject({
      ok: true,
      value: { volume: 0.25 },
    })
    expect(await json(['call', 'app.getSettings'])).toMatchObject({ ok: true, value: { volume: 0.25 } })
  })

  test('a name in the store can not drive the terminal', async () => {
    const { plain } = await import('../../main/hosts/cli/format.ts')
    expect(plain('Track\u001b[2J\u202e\r\nmore\u0007')).toBe('Track[2Jmore')
  })
})

test('a running app is used instead of a second core; a folder named on the command line reaches it', async () => {
  const app = await startHeadless({ serverAddress: server.address })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const { run, json, data } = await openCli()
  const { address, commandSecret } = app.host
  onTestFinished(await writeRunFile(data, 'host', { address, pid: process.pid, secret: commandSecret }))
  expect(await json(['status'])).toMatchObject({ ok: true, value: { host: 'headless', isHostRunning: true } })
  const email = `cli-${++people}@mixmint.example`
  await run(['signup', email, '--password-stdin'], PASSWORD)
  expect(await app.core.core.call('identity.state', {})).toMatchObject({ ok: true, value: { account: { email } } })
  await run(['crate', 'create', 'From here'])
  expect(await json(['crate', 'folder', 'From here', data])).toMatchObject({
    ok: true,
    value: { folder: { path: data } },
  })
})

test('two cores never share a data folder', async () => {
  const { run, data } = await openCli()
  const { lockDataFolder } = await import('../../main/adapters/folder-lock.ts')
  onTestFinished(lockDataFolder(data))
  expect(await run(['status'])).toMatchObject({ exitCode: 1, err: expect.stringMatching(/Another MixMint/) })
})

test('bin/mixmint runs from any folder', async () => {
  const data = await dataFolder()
  const child = spawn(path.resolve(import.meta.dirname, '../../bin/mixmint'), ['call', 'app.getSettings', '--json'], {
    cwd: tmpdir(),
    env: { ...process.env, MIXMINT_DATA_DIR: data, MIXMINT_SERVER_URL: server.address, MIXMINT_SECRET_STORE: 'memory' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect(err).toBe('')
  expect(JSON.parse(out)).toMatchObject({ ok: true, value: { parallelDownloads: 3 } })
})
