/**
 * `node bench/server-delivery.ts [--engine postgres|pglite] [--rps 200] [--seconds 10] [--runs 5] [--root <checkout>] [--profile <folder>]
 * [--only load|stream|many]`: how fast the server opens attempts, redeems tokens and sends bytes, with real sessions and proofs over HTTP.
 * The database (PostgreSQL of the dev dependency, durable commits) and the load generator use the same processors. Prints one JSON line at the end.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startPostgres } from '../tests/_kit/embedded-postgres.ts'
import { drain } from './server/drain.ts'
import { type LoadAnswer, LoadConnection } from './server/load-connection.ts'
import { type LoadedServer, startLoadedServer } from './server/loaded-server.ts'
import { startNginx } from './server/nginx.ts'
import { type LoadClient, signUp } from './server/signed-requests.ts'
import { type Goods, openStore, stock } from './server/stock.ts'

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'postgres' },
    rps: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '10' },
    runs: { type: 'string', default: '5' },
    root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    profile: { type: 'string' },
    only: { type: 'string' },
  },
})
const RPS = Number(values.rps)
const SECONDS = Number(values.seconds)
const RUNS = Number(values.runs)
const MIB = 1024 * 1024
const SMALL_BYTES = 64 * 1024
const BIG_BYTES = 512 * MIB
const MANY = { files: 200, bytes: 10_000_000, atOnce: 4 }
/** No account may call init more than 120 times a minute. */
const CLIENTS = 64
const INIT = '/api/download/init'
const FILE = '/api/download/file'
const COMPLETE = '/api/download/complete'

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b)
const quantile = (numbers: readonly number[], part: number): number =>
  Math.round((sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))] ?? 0) * 100) / 100
const median = (numbers: readonly number[]): number => quantile(numbers, 0.5)
const say = (text: string): void => void process.stderr.write(`${text}\n`)

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port')
  return address.port
}

interface Load {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly failed: number
  readonly cpuMsPerRequest: { readonly server: number; readonly database: number }
}

/** Sends each request at its time, whatever became of those before it (open loop). */
async function openLoop(
  server: LoadedServer,
  requests: readonly (() => Promise<LoadAnswer>)[],
  onAnswer: (answer: LoadAnswer, index: number) => void = () => undefined,
): Promise<Load> {
  const before = server.cpu()
  const took: number[] = []
  let failed = 0
  const began = performance.now()
  await Promise.all(
    requests.map(async (send, index) => {
      const due = began + (index * 1000) / RPS
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
      const answer = await send()
      // From when it was due: a generator that comes late does not hide a server that is slow.
      took.push(performance.now() - due)
      if (answer.status >= 300) failed += 1
      onAnswer(answer, index)
    }),
  )
  const after = server.cpu()
  const each = (from: number, to: number): number => Math.round(((to - from) * 1e5) / requests.length) / 100
  return {
    ...{ p50: quantile(took, 0.5), p95: quantile(took, 0.95), p99: quantile(took, 0.99), failed },
    cpuMsPerRequest: {
      server: each(before.server, after.server),
      database: each(before.database, after.database),
    },
  }
}

function initRequest(
  connection: LoadConnection,
  client: LoadClient,
  { contentId }: Goods,
  bytes: number,
): () => Promise<LoadAnswer> {
  const headers = { ...client.headers('POST', INIT, connection.nonce), 'content-type': 'application/json' }
  const body = JSON.stringify({ contentType: 'track', contentId, want: [[0, bytes - 1]] })
  return () => connection.send('POST', INIT, headers, body)
}

const tokenOf = ({ body }: LoadAnswer): string =>
  (JSON.parse(body) as { tokens?: { token: string }[] }).tokens?.[0]?.token ?? ''

function completeRequest(connection: LoadConnection, client: LoadClient, file: object): () => Promise<LoadAnswer> {
  const headers = { ...client.headers('POST', COMPLETE, connection.nonce), 'content-type': 'application/json' }
  return () => connection.send('POST', COMPLETE, headers, JSON.stringify(file))
}

function redeemRequest(connection: LoadConnection, client: LoadClient, token: string): () => Promise<LoadAnswer> {
  const headers = client.headers('GET', FILE, connection.nonce, token)
  return () => connection.send('GET', `${FILE}?token=${token}`, headers)
}

async function measureLoad(server: LoadedServer, connection: LoadConnection, clients: LoadClient[], goods: Goods[]) {
  const count = RPS * SECONDS
  let next = 0
  /** Each pair of an account and a track once, so that every init opens an attempt. */
  const takeInits = (many: number) =>
    Array.from({ length: many }, () => {
      const at = next++
      const client = clients[at % clients.length]
      const track = goods[Math.floor(at / clients.length)]
      if (client === undefined || track === undefined) throw new Error('Too few tracks')
      return { client, send: initRequest(connection, client, track, SMALL_BYTES) }
    })
  const runInits = async (many: number): Promise<{ load: Load; redeems: (() => Promise<LoadAnswer>)[] }> => {
    const inits = takeInits(many)
    const redeems: (() => Promise<LoadAnswer>)[] = []
    const got: { client: LoadClient; token: string }[] = []
    const load = await openLoop(
      server,
      inits.map(({ send }) => send),
      (answer, index) => {
        const client = inits[index]?.client
        if (client !== undefined && answer.status === 200) got.push({ client, token: tokenOf(answer) })
        else say(`init answered ${answer.status} ${answer.body.slice(0, 200)}`)
      },
    )
    for (const { client, token } of got) redeems.push(redeemRequest(connection, client, token))
    return { load, redeems }
  }
  const warm = await runInits(RPS)
  await openLoop(server, warm.redeems)
  const runs: { readonly init: Load; readonly redeem: Load; readonly mixed: Load }[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const { load: init, redeems } = await runInits(count)
    const half = redeems.slice(0, redeems.length / 2)
    const redeem = await openLoop(server, redeems.slice(redeems.length / 2))
    const both = takeInits(half.length).flatMap(({ send }, index) => [send, half[index] ?? send])
    const mixed = await openLoop(server, both)
    say(`init ${JSON.stringify(init)}\nredeem ${JSON.stringify(redeem)}\nmixed ${JSON.stringify(mixed)}`)
    runs.push({ init, redeem, mixed })
    // The limits of an account are by the minute.
    if (run < RUNS - 1) await new Promise((resolve) => setTimeout(resolve, 61_000 - (Date.now() % 60_000)))
  }
  const over = (kind: 'init' | 'redeem' | 'mixed') => ({
    p50: median(runs.map((run) => run[kind].p50)),
    p95: median(runs.map((run) => run[kind].p95)),
    p99: median(runs.map((run) => run[kind].p99)),
    failed: runs.reduce((sum, run) => sum + run[kind].failed, 0),
    cpu_ms_server: median(runs.map((run) => run[kind].cpuMsPerRequest.server)),
    cpu_ms_database: median(runs.map((run) => run[kind].cpuMsPerRequest.database)),
  })
  return { rps: RPS, init: over('init'), redeem: over('redeem'), init_and_redeem: over('mixed') }
}

async function measureStream(
  server: LoadedServer,
  connection: LoadConnection,
  clients: LoadClient[],
  big: Goods,
  objects: string,
  work: string,
) {
  await using nginx = await startNginx(work, objects)
  const ours: number[] = []
  const theirs: number[] = []
  const before = server.cpu()
  for (let run = 0; run <= RUNS; run += 1) {
    const client = clients[run]
    if (client === undefined) throw new Error('Too few accounts')
    const token = tokenOf(await initRequest(connection, client, big, BIG_BYTES)())
    const headers = client.headers('GET', FILE, connection.nonce, token)
    const seconds = await drain(server.origin, `${FILE}?token=${token}`, headers, BIG_BYTES)
    const name = `/${big.sha256.slice(0, 2)}/${big.sha256}`
    const plain = nginx === null ? Number.NaN : await drain(nginx.origin, name, {}, BIG_BYTES)
    say(`stream ${seconds.toFixed(3)} s, nginx ${plain.toFixed(3)} s`)
    // The first run warms both up.
    if (run > 0) {
      ours.push(seconds)
      theirs.push(plain)
    }
  }
  const after = server.cpu()
  const gigabytes = ((RUNS + 1) * BIG_BYTES) / 1e9
  return {
    bytes: BIG_BYTES,
    ours_s: median(ours),
    nginx_s: nginx === null ? null : median(theirs),
    times_nginx: nginx === null ? null : Math.round((median(theirs) / median(ours)) * 100) / 100,
    cpu_s_per_gb:
      Math.round(((after.server - before.server + after.database - before.database) * 100) / gigabytes) / 100,
  }
}

async function measureMany(server: LoadedServer, connection: LoadConnection, clients: LoadClient[], goods: Goods[]) {
  const before = server.cpu()
  const began = performance.now()
  const queue = Array.from({ length: MANY.files }, (_, at) => at).values()
  await Promise.all(
    Array.from({ length: MANY.atOnce }, async () => {
      for (const at of queue) {
        const client = clients[at % clients.length]
        const file = goods[Math.floor(at / clients.length)]
        if (client === undefined || file === undefined) throw new Error('Too few tracks')
        const answer = await initRequest(connection, client, file, file.sizeBytes)()
        const token = tokenOf(answer)
        const headers = client.headers('GET', FILE, connection.nonce, token)
        await drain(server.origin, `${FILE}?token=${token}`, headers, file.sizeBytes)
        const { attempt } = JSON.parse(answer.body) as { attempt: { id: string } }
        const done = await completeRequest(connection, client, {
          attemptId: attempt.id,
          segmentRoot: file.segmentRoot,
        })()
        if (done.status !== 200) throw new Error(`complete answered ${done.status} ${done.body}`)
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  const after = server.cpu()
  const each = (from: number, to: number): number => Math.round(((to - from) * 1e5) / MANY.files) / 100
  return {
    ...{ files: MANY.files, bytes: MANY.bytes, seconds: Math.round(seconds * 100) / 100 },
    cpu_ms_per_file_server: each(before.server, after.server),
    cpu_ms_per_file_database: each(before.database, after.database),
  }
}

const work = await mkdtemp(path.join(tmpdir(), 'mixmint-load-'))
const dataDir = path.join(work, 'data')
const isPostgres = values.engine === 'postgres'
const postgres = isPostgres ? await startPostgres({ isDurable: true }) : null
const isWanted = (part: string): boolean => values.only === undefined || values.only === part
try {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const options = { root: values.root, dataDir, databaseUrl: postgres?.url ?? null, port }
  const connection = new LoadConnection(origin)
  const first = await startLoadedServer({ ...options, profileFolder: null })
  const clients: LoadClient[] = []
  for (let index = 0; index < CLIENTS; index += 1) clients.push(await signUp(connection, origin, index))
  await first.stop()

  const userIds = clients.map(({ userId }) => userId)
  const store = await openStore(values.root, dataDir, options.databaseUrl)
  const tracks = Math.ceil((RPS * (1 + RUNS * SECONDS * 1.5)) / CLIENTS) + 1
  const goods = await stock(store.inService, dataDir, { count: tracks, sizeBytes: SMALL_BYTES, userIds })
  const many = await stock(store.inService, dataDir, { count: 4, sizeBytes: MANY.bytes, userIds })
  const [big] = await stock(store.inService, dataDir, { count: 1, sizeBytes: BIG_BYTES, userIds })
  if (big === undefined) throw new Error('Nothing to stream')
  await store.close()

  const server = await startLoadedServer({ ...options, profileFolder: values.profile ?? null })
  await connection.send('GET', '/api/app/serverInfo', { 'x-forwarded-for': '10.9.9.9' })
  const objects = path.join(dataDir, 'objects')
  const result = {
    engine: values.engine,
    stream: isWanted('stream') ? await measureStream(server, connection, clients, big, objects, work) : null,
    many: isWanted('many') ? await measureMany(server, connection, clients, many) : null,
    load: isWanted('load') ? await measureLoad(server, connection, clients, goods) : null,
  }
  await server.stop()
  connection.close()
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  await postgres?.[Symbol.asyncDispose]()
  await rm(work, { recursive: true, force: true })
}
