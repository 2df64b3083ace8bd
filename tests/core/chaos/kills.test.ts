import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chaosRun, repeatable, tellProgress } from '../../_kit/chaos/chaos-run.ts'
import { dice } from '../../_kit/chaos/dice.ts'
import { type Doom, rollDoom, runDoomed } from '../../_kit/chaos/process-runner.ts'
import { type FileAnswer, type ServedObject, startFaultServer } from '../../_kit/fault-server.ts'

const { times, seed: firstSeed } = chaosRun('kills')
const SEGMENT = 256 * 1024
/** Files at once × connections for each. */
const CONNECTIONS = 3 * 2
const MOST_KILLS_OF_A_QUEUE = 8
/** Queues that are worked on at the same time. */
const AT_ONCE = 2

const SLICE = 4 * 1024

/** Sends a body in slices, each a while after the one before: hardly more than one is between the two programs when one of them dies, and few when that was slow. */
const inSlices: FileAnswer = ({ send, head, bytes, socket }) => {
  send(head())
  const body = bytes()
  let sent = 0
  const timer = setInterval(() => {
    if (socket.destroyed || sent >= body.length) return clearInterval(timer)
    send('', body.subarray(sent, sent + SLICE))
    sent += SLICE
  }, 1)
}

let cache = ''
beforeAll(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'mixmint-compiled-'))
})
afterAll(() => rm(cache, { recursive: true, force: true }))

interface Row {
  readonly contentId: string
  readonly status: string
  readonly finishedAt: number | null
}

async function rowsOf(folder: string): Promise<Row[]> {
  const accounts = await readdir(path.join(folder, 'accounts')).catch(() => [])
  const [account] = accounts
  if (account === undefined) return []
  const db = new DatabaseSync(path.join(folder, 'accounts', account, 'local.sqlite'), { readOnly: true })
  try {
    // A death in the middle of the first start leaves a database that has not got its tables yet.
    const isMade = db.prepare(`select 1 from sqlite_schema where name = 'downloads'`).get() !== undefined
    const rows = isMade ? db.prepare('select content_id, status, finished_at from downloads').all() : []
    return rows.map((row) => ({
      contentId: String(row['content_id']),
      status: String(row['status']),
      finishedAt: row['finished_at'] === null ? null : Number(row['finished_at']),
    }))
  } finally {
    db.close()
  }
}

/** Every visible file of the library is whole, whenever one looks. */
async function assertWhole(folder: string, objects: readonly ServedObject[]): Promise<string[]> {
  const hashes = new Map(objects.map(({ sha256, content }) => [sha256, content.contentId]))
  const library = path.join(folder, 'Library')
  const names = (await readdir(library).catch(() => [])).filter((name) => !name.startsWith('.'))
  for (const name of names) {
    const hash = createHash('sha256')
      .update(await readFile(path.join(library, name)))
      .digest('hex')
    if (!hashes.has(hash)) throw new Error(`${name} is corrupt`)
  }
  return names
}

/** One queue from its first entry to its last file, with a process killed again and again; answers the kills. */
async function killAgainAndAgain(seed: number, mostKills: number): Promise<number> {
  const roll = dice(seed)
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-kill-'))
  const server = await startFaultServer()
  const dooms: (Doom | null)[] = []
  try {
    server.rules.file = inSlices
    const objects = Array.from({ length: roll.between(2, 4) }, () => {
      const content = { contentType: 'track' as const, contentId: roll.uuid() }
      return server.put(content, roll.bytes(roll.pick([1, SEGMENT, 2 * SEGMENT + 17, 3 * SEGMENT])), {
        segmentSize: SEGMENT,
        fileName: 'x.wav',
      })
    })
    const promised = new Set<string>()
    const finished = new Map<string, number>()
    let kills = 0
    for (let isOver = false; !isOver; ) {
      const doom = kills < mostKills ? rollDoom(roll) : null
      dooms.push(doom)
      const missing = objects.map(({ content }) => content.contentId).filter((id) => !promised.has(id))
      const { wasKilled, queued } = await runDoomed({ folder, address: server.address, cache }, doom, missing)
      for (const id of queued) promised.add(id)
      if (wasKilled) kills += 1
      else isOver = true
      await assertWhole(folder, objects)
      const rows = await rowsOf(folder)
      const ids = rows.map(({ contentId }) => contentId)
      expect(new Set(ids).size, 'entries are not doubled').toBe(ids.length)
      for (const id of promised) expect(ids, 'entries are not lost').toContain(id)
      for (const [id, at] of finished)
        expect(
          rows.find(({ contentId }) => contentId === id),
          'history is kept',
        ).toMatchObject({ status: 'done', finishedAt: at })
      for (const { contentId, status, finishedAt } of rows)
        if (status === 'done' && finishedAt !== null) finished.set(contentId, finishedAt)
    }
    expect((await rowsOf(folder)).map(({ status }) => status)).toEqual(objects.map(() => 'done'))
    expect(await assertWhole(folder, objects)).toHaveLength(objects.length)
    const [account = ''] = await readdir(path.join(folder, 'accounts'))
    expect(await readdir(path.join(folder, 'accounts', account, 'staging')), 'nothing is left behind').toEqual([])
    const size = objects.reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(server.seen.fileBytes - size, 'fetched again').toBeLessThanOrEqual(kills * CONNECTIONS * SEGMENT)
    expect(server.attempts()).toEqual(objects.map(() => 'delivered'))
    return kills
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\nDeaths: ${JSON.stringify(dooms)}`, {
      cause: error,
    })
  } finally {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

test(`G3, DL1, R-DC-13: after ${times} SIGKILLs at random and at every named point, no entry is lost or doubled, no file corrupt, history is kept, and at most a segment per connection comes again`, {
  timeout: times * 8_000 + 120_000,
}, async () => {
  let kills = 0
  let seed = firstSeed
  async function work(): Promise<void> {
    while (kills < times) {
      const mine = seed
      seed += 1
      const more = await repeatable('kills', mine, () => killAgainAndAgain(mine, MOST_KILLS_OF_A_QUEUE))
      for (let left = more; left > 0; left--) tellProgress('kills', ++kills, times)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(kills).toBeGreaterThanOrEqual(times)
})
