import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { catalogue } from '../../../contract/catalogue.ts'
import { delivery } from '../../../contract/delivery.ts'
import { identity } from '../../../contract/identity.ts'
import { library } from '../../../contract/library.ts'
import { createMemorySecretStore } from '../../../main/adapters/memory-secret-store.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { repeatable } from '../../_kit/chaos/chaos-run.ts'
import { type Dice, dice } from '../../_kit/chaos/dice.ts'
import { freshDatabase, type TestDatabase } from '../../_kit/databases.ts'
import { SERVICE } from '../../_kit/people.ts'
import { type CoreUnderTest, startCore } from '../../_kit/start-core.ts'
import { startTestServer, type TestServer } from '../../_kit/start-server.ts'
import { type CuttingProxy, startCuttingProxy } from '../../demo/cutting-proxy.ts'

const HISTORIES = 24
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const COUNTED: readonly string[] = ['reserved', 'active', 'delivered', 'expired_charged']

let database: TestDatabase
let server: TestServer
let proxy: CuttingProxy
let trackIds: string[] = []

beforeAll(async () => {
  database = await freshDatabase('PostgreSQL')
  server = await startTestServer({ db: database.db, seed: 'four-tracks' })
  await server.published
  proxy = await startCuttingProxy(server.address)
})
afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

interface History {
  readonly roll: Dice
  readonly folder: string
  readonly userId: string
  readonly contentId: string
  readonly sha256: string
  core: CoreUnderTest
  readonly restart: () => Promise<void>
}

async function begin(seed: number): Promise<History> {
  const roll = dice(seed)
  const secrets = createMemorySecretStore()
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-history-'))
  const first = await startCore({ serverAddress: proxy.address, secrets, folder })
  const email = `history-${seed}@people.example`
  await first.call(identity.signUp, { email, password: 'correct horse battery' })
  if (trackIds.length === 0) trackIds = (await first.call(catalogue.listTracks, {})).items.map(({ id }) => id)
  const contentId = roll.pick(trackIds)
  const { userId, sha256 } = await asCaller(database.db, SERVICE, async (tx) => {
    const user = await tx.selectFrom('profiles').select('id').where('email', '=', email).executeTakeFirstOrThrow()
    const file = await tx.selectFrom('tracks').select('sha256').where('id', '=', contentId).executeTakeFirstOrThrow()
    await tx
      .insertInto('purchases')
      .values({ user_id: user.id, content_type: 'track', content_id: contentId })
      .execute()
    return { userId: user.id, sha256: file.sha256 ?? '' }
  })
  const history: History = {
    ...{ roll, folder, userId, contentId, sha256, core: first },
    async restart() {
      await history.core[Symbol.asyncDispose]()
      history.core = await startCore({ serverAddress: proxy.address, secrets, folder })
    },
  }
  await first.call(library.refresh, {})
  return history
}

async function statusOf({ core, contentId }: History): Promise<{ id: string; status: string } | null> {
  const { downloads } = await core.call(delivery.list, {})
  return downloads.find(({ content }) => content.contentId === contentId) ?? null
}

/** One interruption, at a random place of the file. */
async function interrupt(history: History): Promise<string> {
  const { roll, core, contentId } = history
  const act = roll.pick(['cut', 'pause', 'restart', 'cancel', 'tokens too old', 'days', 'clock'])
  await core.call(delivery.start, { contentType: 'track', contentId })
  const cut = proxy.cutAfter(proxy.bytes() + roll.between(1, 900_000))
  const arrived = (async () => {
    while ((await statusOf(history))?.status !== 'done') await new Promise((resolve) => setTimeout(resolve, 20))
  })()
  await Promise.race([cut, arrived])
  const now = await statusOf(history)
  const give = (definition: typeof delivery.pause | typeof delivery.resume | typeof delivery.cancelDownload) =>
    history.core.call(definition, { downloadId: now?.id ?? '' }).catch(() => {})
  if (act === 'pause' || act === 'tokens too old' || act === 'days') await give(delivery.pause)
  if (act === 'cancel') await give(delivery.cancelDownload)
  if (act === 'tokens too old') server.clock.advance(6 * MINUTE_MS)
  if (act === 'days') server.clock.advance(80 * HOUR_MS)
  proxy.mend()
  if (act === 'restart') await history.restart()
  await give(delivery.resume)
  return act
}

async function run(seed: number): Promise<void> {
  const history = await begin(seed)
  try {
    const acts: string[] = []
    for (let left = history.roll.between(1, 4); left > 0; left--) acts.push(await interrupt(history))
    await history.core.call(delivery.start, { contentType: 'track', contentId: history.contentId })
    for (let status = ''; status !== 'done'; ) {
      const found = await statusOf(history)
      status = found?.status ?? ''
      if (status === 'failed') throw new Error(`It failed after ${acts.join(', ')}`)
      // What waits for its time tries again at once: the clock of the computer is its own.
      if (found !== null && status !== 'done')
        await history.core.call(delivery.retry, { downloadId: found.id }).catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const rows = async () =>
      await asCaller(database.db, SERVICE, (tx) =>
        tx
          .selectFrom('download_attempts')
          .select(['state', 'bytes_served'])
          .where('user_id', '=', history.userId)
          .execute(),
      )
    const delivered = async () => (await rows()).filter(({ state }) => state === 'delivered').length
    const cancelled = acts.filter((act) => act === 'cancel').length
    // Given up in the moment in which it arrived, a file is here and its attempt given up.
    if (cancelled === 0) await expect.poll(delivered, { timeout: 20_000 }).toBe(1)
    const states = (await rows()).map(({ state }) => state)
    const used = states.filter((state) => COUNTED.includes(state)).length
    expect(used, `${states.join(', ')} after ${acts.join(', ')}`).toBeLessThanOrEqual(1 + cancelled)
    expect(states.filter((state) => state === 'delivered').length).toBeLessThanOrEqual(1)
    const files = (await readdir(path.join(history.folder, 'Library'))).filter((name) => !name.startsWith('.'))
    expect(files).toHaveLength(1)
    const bytes = await readFile(path.join(history.folder, 'Library', files[0] ?? ''))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(history.sha256)
    const logged = history.core.logged.filter(({ level }) => level === 'error')
    expect(logged).toEqual([])
  } finally {
    proxy.mend()
    await history.core[Symbol.asyncDispose]()
    await rm(history.folder, { recursive: true, force: true })
  }
}

test(`G8, DL2: ${HISTORIES} histories of the whole core against the whole server: cut, paused, restarted, given up, left for days; one file, paid for once`, {
  timeout: HISTORIES * 30_000,
}, async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) await repeatable('histories', seed, () => run(seed))
})
