import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Download } from '../../contract/delivery.ts'
import { freshDatabase } from '../_kit/databases.ts'
import { commandLine } from '../_kit/start-cli.ts'
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

/** The command line of somebody new who has bought these tracks. */
async function owner(...titles: readonly string[]) {
  const data = await mkdtemp(path.join(tmpdir(), 'mixmint-cli-downloads-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  const cli = commandLine({ MIXMINT_DATA_DIR: data, MIXMINT_SERVER_URL: server.address })
  await cli.run(['signup', `downloader-${++people}@mixmint.example`, '--password-stdin'], PASSWORD)
  await cli.run(['call', 'app.changeSettings', '{"downloadAfterPurchase":false}'])
  for (const title of titles)
    expect(await cli.run(['buy', title, '--pay', 'succeed', '--wait'])).toMatchObject({ exitCode: 0 })
  const files = async () => (await readdir(path.join(data, 'Library'))).filter((name) => !name.startsWith('.'))
  const value = async (...words: string[]) => {
    const reply = await cli.json(words)
    if (!reply.ok) throw new Error(reply.error.message)
    return reply.value as unknown
  }
  const queue = async () => ((await value('queue')) as { downloads: Download[] }).downloads
  return { data, ...cli, files, value, queue }
}

describe('DL17: downloads from the command line', () => {
  test('everything: the plan, the batch with its report, and nothing left to do', async () => {
    const { run, value, files } = await owner('Short House', 'Short Techno')
    expect(await value('download', '--all', '--dry-run')).toMatchObject({ downloads: 2, areHere: 0, missingBytes: 0 })
    const plan = await run(['download', '--all', '--dry-run'])
    expect(plan).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^2 to download, [\d.]+ MB; 0 tracks here/) })
    const all = await run(['download', '--all'])
    expect(all).toMatchObject({ exitCode: 0, out: '2 of 2 tracks downloaded and verified, 0 were here before.\n' })
    expect(await files()).toHaveLength(2)
    expect(await value('download', '--all')).toMatchObject({ total: 0, wereHere: 2, failed: [] })
    expect((await run(['download', '--all', '--dry-run'])).out).toBe('Everything is here: 2 tracks.\n')
  })

  test('DL4: verify tells damage by its exit code, and --repair cures it', async () => {
    const { run, value, data, files } = await owner('Short House')
    await run(['download', 'Short House', '--wait'])
    expect(await run(['verify'])).toMatchObject({ exitCode: 0, out: expect.stringContaining('1 verified') })
    const [name = ''] = await files()
    const file = await open(path.join(data, 'Library', name), 'r+')
    await file.write(Buffer.alloc(4096, 7), 0, 4096, 60_000)
    await file.close()
    expect(await run(['verify', 'short house'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('1 damaged'),
    })
    expect(await run(['verify', '--repair'])).toMatchObject({ exitCode: 0 })
    expect(await value('verify')).toMatchObject({ checked: 1, here: 1, damaged: 0 })
    await rm(path.join(data, 'Library', name))
    expect(await run(['verify'])).toMatchObject({ exitCode: 1, out: expect.stringContaining('1 missing') })
    expect(await value('verify', '--repair')).toMatchObject({ missing: 1, queued: 1, downloads: [{ status: 'done' }] })
    expect(await files()).toEqual([name])
    expect(await run(['verify', 'No such track'])).toMatchObject({ exitCode: 2 })
  })

  test('the queue: paused, ordered, limited, cancelled, and run', async () => {
    const { run, value, queue } = await owner('Short House', 'Short Techno', 'Schön & Kurz')
    expect(await value('queue', 'pause')).toMatchObject({ isPaused: true })
    await run(['download', 'Short House', 'Short Techno', 'Schön & Kurz'])
    const titles = async () => (await queue()).filter(({ status }) => status === 'queued').map(({ title }) => title)
    expect(await titles()).toEqual(['Short House', 'Short Techno', 'Schön & Kurz'])
    await run(['queue', 'next', 'schön'])
    expect(await titles()).toEqual(['Schön & Kurz', 'Short House', 'Short Techno'])
    await run(['queue', 'move', 'techno', '1'])
    expect(await titles()).toEqual(['Short Techno', 'Schön & Kurz', 'Short House'])
    await run(['queue', 'limit', 'techno', '64kB'])
    expect(await queue()).toMatchObject([{ title: 'Short Techno', bytesPerSecondLimit: 64_000 }, {}, {}])
    expect((await run(['queue'])).out).toMatch(/The queue is paused[\s\S]*limit 64\.0 kB\/s/)
    await run(['queue', 'limit', 'techno', 'off'])
    await run(['queue', 'cancel', 'schön'])
    expect(await run(['queue', 'cancel', 'short'])).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/Several/),
    })
    expect(await run(['queue', 'next', 'nothing'])).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/matches/),
    })
    expect(await run(['queue', 'dance'])).toMatchObject({ exitCode: 2 })
    const waited = await run(['download', 'Short House', '--wait'])
    expect(waited).toMatchObject({ exitCode: 5, out: expect.stringContaining('The queue is paused') })
    await run(['queue', 'resume'])
    expect(await run(['download', 'Short House', 'Short Techno', '--wait'])).toMatchObject({ exitCode: 0 })
    expect((await queue()).map(({ title, status }) => [title, status]).sort()).toEqual([
      ['Schön & Kurz', 'cancelled'],
      ['Short House', 'done'],
      ['Short Techno', 'done'],
    ])
    await run(['queue', 'clear'])
    expect(await run(['queue'])).toMatchObject({ out: 'No downloads.\n' })
  })

  test('the limit in human sizes; 0 holds everything, and waiting for it ends', async () => {
    const { run, value } = await owner('Short House')
    expect(await value('limit', '2MB')).toMatchObject({ bandwidthLimit: 2_000_000 })
    expect(await run(['limit'])).toMatchObject({ exitCode: 0, out: 'Limit: 2.0 MB/s\n' })
    expect(await run(['limit', 'fast'])).toMatchObject({ exitCode: 2, err: expect.stringContaining('is no speed') })
    expect(await value('limit', '0')).toMatchObject({ bandwidthLimit: 0 })
    expect(await run(['download', 'Short House', '--wait'])).toMatchObject({
      exitCode: 5,
      out: expect.stringContaining('The speed limit is 0'),
    })
    expect(await value('limit', 'off')).toMatchObject({ bandwidthLimit: null })
    expect(await run(['download', 'Short House', '--wait'])).toMatchObject({ exitCode: 0 })
  })

  test('DL14: --format asks for a format, and says when the store has none such', async () => {
    const { run, value } = await owner('Schön & Kurz')
    expect(await run(['download', 'Schön & Kurz', '--format', 'wma'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('mp3, flac, wav, aiff'),
    })
    const { items } = (await value('library')) as { items: { formats: { format: string }[] }[] }
    const offered = items[0]?.formats.map(({ format }) => format) ?? []
    expect(offered).toEqual(['flac', 'mp3', 'wav'])
    const absent = 'aiff'
    expect(await run(['download', 'Schön & Kurz', '--format', absent, '--wait'])).toMatchObject({ exitCode: 1 })
    for (const format of offered) {
      expect(await run(['download', 'Schön & Kurz', '--format', format, '--wait'])).toMatchObject({ exitCode: 0 })
      expect(await value('library')).toMatchObject({ items: [{ state: 'here', format }] })
    }
  })

  test('sync --crate writes a crate and answers one line of JSON', async () => {
    const { run, value, data } = await owner('Short House')
    await run(['download', 'Short House', '--wait'])
    await mkdir(path.join(data, 'usb'))
    await run(['crate', 'create', 'Friday'])
    await run(['crate', 'folder', 'Friday', path.join(data, 'usb')])
    await run(['crate', 'add', 'Friday', 'Short House'])
    expect(await value('sync', '--crate', 'Friday')).toMatchObject({ added: 1, playlist: 'Friday.m3u8' })
    expect(await value('sync', '--crate', 'friday', '--plan')).toMatchObject({ added: 0, unchanged: 1, writes: 0 })
    expect(await run(['sync', 'Friday', '--crate', 'Other'])).toMatchObject({ exitCode: 2 })
    expect(await run(['sync'])).toMatchObject({ exitCode: 2 })
  })

  test.each([
    [['download'], 2],
    [['download', '--dry-run'], 2],
    [['download', 'Short House', '--all'], 2],
    [['download', '--all', '--format', 'mp3'], 2],
    [['queue', 'move', 'house', 'first'], 2],
    [['queue', 'limit', 'house'], 2],
  ])('%j ends with %i', async (words, exitCode) => {
    const { run } = await owner()
    expect((await run(words)).exitCode).toBe(exitCode)
  })

  test('--help of a command says its words without asking anything', async () => {
    const cli = commandLine({ MIXMINT_DATA_DIR: '/nowhere', MIXMINT_SERVER_URL: 'http://127.0.0.1:1' })
    expect(await cli.run(['queue', '--help'])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('mixmint queue ['),
    })
  })
})
