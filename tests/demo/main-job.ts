import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { deviceClient, signInClient } from '../_kit/device-client.ts'
import { type ProjectProcess, startProjectProcess } from '../_kit/project-process.ts'
import { commandLine } from './command-line.ts'
import { startCuttingProxy } from './cutting-proxy.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PASSWORD = 'a long night in the booth'

/** What the demonstration proves, as its last line prints it. */
export interface DemoResult {
  readonly ok: boolean
  readonly bytes: number
  readonly bytesTransferred: number
  readonly sha256Matches: boolean
  readonly attemptsUsed: number
  readonly quotaUsed: number
  readonly replayStatus: number
  readonly crateFile: string
  readonly m3u8: string
  readonly seconds: number
}

interface Track {
  readonly id: string
  readonly title: string
  readonly artist: string
  readonly format: string | null
  readonly sizeBytes: number | null
  readonly isReady: boolean
}

/**
 * Does the main job with no hands in a temporary folder: a server process, client processes, a cut in the middle of the download, a
 * SIGKILL, a restart, a crate, and a replay of a used token from another device. `say` gets one line for each step.
 */
export async function runMainJob(say: (line: string) => void): Promise<DemoResult> {
  const started = performance.now()
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-demo-'))
  const crateFolder = path.join(folder, 'Friday')
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))

  const server = await startServer(path.join(folder, 'server'))
  cleanup.defer(server.stop)
  say(`A server runs at ${server.address}, with a database of its own.`)
  const proxy = await startCuttingProxy(server.address)
  cleanup.use(proxy)
  const cli = commandLine({
    MIXMINT_DATA_DIR: path.join(folder, 'client'),
    MIXMINT_SERVER_URL: proxy.address,
    MIXMINT_SECRET_STORE: 'file-vault',
  })

  const email = 'dj.demo@mixmint.example'
  await cli.run(['signup', email, '--password-stdin'], `${PASSWORD}\n`)
  const { devices } = await cli.run<{ devices: { name: string }[] }>(['devices'])
  say(`${email} has signed up; this computer is registered as "${devices[0]?.name}".`)

  const track = await largestWav(() => cli.run(['search', 'techno']))
  const size = track.sizeBytes ?? 0
  say(`Found "${track.title}" by ${track.artist}: a WAV of ${inMegabytes(size)}.`)
  const payment = await cli.run<{ status: string }>(['buy', track.id, '--pay', 'succeed', '--wait'])
  if (payment.status !== 'captured') throw new Error(`The payment is ${payment.status}`)
  say('Paid on the sandbox page; the webhook made the purchase.')

  const cut = proxy.cutAfter(Math.floor(size / 2))
  const first = cli.start(['download', track.id, '--wait'])
  const ended = once(first, 'close')
  await Promise.race([cut, ended.then(() => Promise.reject(new Error('The download ended before it was cut')))])
  say(`The connection was cut after ${inMegabytes(proxy.bytes())}.`)
  first.kill('SIGKILL')
  await ended
  say('The client was killed (SIGKILL).')
  proxy.mend()
  await cli.run(['download', track.id, '--wait'])
  const bytesTransferred = proxy.bytes()
  say(`Started again, it fetched the rest: ${inMegabytes(bytesTransferred)} in all for a file of ${inMegabytes(size)}.`)

  await cli.run(['crate', 'create', 'Friday'])
  await cli.run(['crate', 'add', 'Friday', track.id])
  await mkdir(crateFolder)
  await cli.run(['crate', 'folder', 'Friday', crateFolder])
  await cli.run(['sync', 'Friday'])
  const names = await readdir(crateFolder)
  const crateFile = path.join(crateFolder, names.find((name) => name.endsWith('.wav')) ?? '')
  const m3u8 = path.join(crateFolder, names.find((name) => name.endsWith('.m3u8')) ?? '')
  const listed = await readFile(m3u8, 'utf8')
  say(`The crate folder holds ${names.filter((name) => !name.startsWith('.')).join(' and ')}.`)
  if (!listed.includes(path.basename(crateFile))) throw new Error('The playlist does not name the file')

  const other = await secondDevice(server.address, email)
  const grant = await other.factsOf(track.id)
  const sha256Matches = (await hashOf(crateFile)) === grant.sha256
  say(`SHA-256 of the file in the crate folder: ${sha256Matches ? 'as the store has it' : 'WRONG'}.`)
  const replay = await other.replay(proxy.fileTargets.at(-1) ?? '')
  say(
    `The token that fetched the last bytes, sent again from another registered device: ${replay.status} ${replay.code}.`,
  )

  // The other device's question for the facts has opened an attempt of its own.
  const attemptsUsed = grant.attemptLimit - grant.attemptsLeft - 1
  const { subscriptions } = await cli.run<{ subscriptions: { tracks: { used: number } }[] }>([
    'call',
    'entitlements.listSubscriptions',
  ])
  const quotaUsed = subscriptions.reduce((sum, { tracks }) => sum + tracks.used, 0)
  const result = {
    bytes: size,
    bytesTransferred,
    sha256Matches,
    attemptsUsed,
    quotaUsed,
    replayStatus: replay.status,
    crateFile: path.basename(crateFile),
    m3u8: path.basename(m3u8),
    seconds: Math.round((performance.now() - started) / 100) / 10,
  }
  return { ok: sha256Matches && replay.status === 409 && attemptsUsed === 1, ...result }
}

function startServer(dataDir: string): Promise<ProjectProcess> {
  const env = {
    MIXMINT_DATA_DIR: dataDir,
    MIXMINT_SERVER_PORT: '0',
    MIXMINT_SEED: 'four-tracks',
    MIXMINT_LOG: 'error',
    MIXMINT_DEMO_CACHE: path.join(ROOT, '.tmp/demo-cache'),
  }
  return startProjectProcess('server/main.ts', env, /^MixMint server is ready: (\S+)$/)
}

/** The demo content is made in the background: waits until the WAV can be had. */
async function largestWav(search: () => Promise<{ items: Track[] }>): Promise<Track> {
  for (;;) {
    const { items } = await search()
    const [track] = items
      .filter(({ format, isReady }) => format === 'wav' && isReady)
      .sort((a, b) => (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0))
    if (track !== undefined) return track
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function secondDevice(origin: string, email: string) {
  const session = await signInClient(origin, { email, password: PASSWORD, isNew: false })
  const client = await deviceClient(origin, session)
  await client.registerDevice('The other computer')
  return {
    async factsOf(contentId: string) {
      const answer = await client.request('POST', '/api/download/init', {
        json: { contentType: 'track', contentId, want: [] },
      })
      const grant = JSON.parse(answer.body.toString()) as {
        object: { sha256: string }
        entitlement: { attemptsLeft: number }
      }
      const detail = await client.request(
        'GET',
        `/api/catalogue/getTrack?input=${encodeURIComponent(JSON.stringify({ trackId: contentId }))}`,
      )
      const { attemptLimit } = JSON.parse(detail.body.toString()) as { attemptLimit: number }
      return { sha256: grant.object.sha256, attemptsLeft: grant.entitlement.attemptsLeft, attemptLimit }
    },
    async replay(target: string) {
      const downloadToken = new URL(target, origin).searchParams.get('token') ?? ''
      const answer = await client.request('GET', target, { downloadToken })
      return { status: answer.status, code: (JSON.parse(answer.body.toString()) as { code: string }).code }
    },
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
