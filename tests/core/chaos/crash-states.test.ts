import type { SQLInputValue } from 'node:sqlite'
import { expect, test } from 'vitest'
import { chaosRun, repeatEach } from '../../_kit/chaos/chaos-run.ts'
import type { Computer, Session } from '../../_kit/chaos/simulated-computer.ts'
import type { SimulatedObject } from '../../_kit/chaos/simulated-server.ts'
import {
  assertAllArrived,
  assertDoneIsThere,
  assertNoneCorrupt,
  createWorld,
  queueRows,
  tracksOf,
  type World,
} from './world.ts'

const { times, seed: firstSeed } = chaosRun('states')

/** Tracks of a pack that come in more than one batch. */
const MANY = 70
/** What the disk does for one of them on its way from the pack into the library. */
const OPERATIONS_A_TRACK = 20

type Table = { readonly name: string; readonly rows: readonly Record<string, SQLInputValue>[] }

/** Every row of the database, in an order in which they can be put back. */
function snapshot({ db }: Computer): Table[] {
  const names = db
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by rowid")
    .all()
  return names.map(({ name }) => ({
    name: String(name),
    rows: db.prepare(`select * from ${String(name)}`).all() as Record<string, SQLInputValue>[],
  }))
}

function restore({ db }: Computer, tables: readonly Table[]): void {
  for (const { name } of [...tables].reverse()) db.exec(`delete from ${name}`)
  for (const { name, rows } of tables)
    for (const row of rows)
      db.prepare(
        `insert into ${name} (${Object.keys(row).join(', ')}) values (${Object.keys(row)
          .map(() => '?')
          .join(', ')})`,
      ).run(...Object.values(row))
}

/**
 * The states that the database may be in after a power cut: its commits wait for the disk but for those that say that they do not
 * (`synchronous = normal`), which are lost together with everything after them, or not at all.
 */
function watchCommits({ computer, roll }: World): () => Table[] | null {
  const { db } = computer
  const exec = db.exec.bind(db)
  const changes = () => Number(db.prepare('select total_changes() as n').get()?.['n'])
  /** The database before each commit that was not synced, since the last one that was. */
  let unsynced: Table[][] = []
  let changesThen = changes()
  db.exec = (sql) => {
    if (/synchronous = normal/.test(sql)) {
      if (changes() !== changesThen) unsynced = []
      unsynced.push(snapshot(computer))
    }
    exec(sql)
    if (/synchronous = full/.test(sql)) changesThen = changes()
  }
  return () => {
    const lost = changes() === changesThen ? unsynced : []
    unsynced = []
    return lost.length === 0 ? null : roll.pick(lost)
  }
}

/** Ends the process right before operation `at` of the disk, counted from now. */
function cutAt(world: World, session: Session, at: number): void {
  let left = at
  world.computer.disk.onOperation = () => {
    left -= 1
    if (left === 0) session.kill()
  }
}

async function allDone(world: World, session: Session, count: number): Promise<void> {
  await world.runUntil(session, () => {
    const rows = queueRows(world)
    return rows.length === count && rows.every(({ status }) => status === 'done' || status === 'failed')
  })
}

/** Waits, in simulated time, until the server was told and the staging folder tidied. */
async function comeToRest(world: World, session: Session): Promise<void> {
  let isClosed = false
  void session.close().then(() => {
    isClosed = true
  })
  await world.runUntil(session, () => isClosed)
}

interface Cut {
  readonly world: World
  /** A state without some of the commits that were not synced; null where all were. */
  readonly lose: () => Table[] | null
  readonly wanted: SimulatedObject[]
  /** The database as it was at some operation before the cut. */
  readonly older: Table[] | null
}

async function runUntilCut(seed: number, isLying: boolean): Promise<Cut> {
  const world = createWorld(seed)
  world.computer.disk.isLying = isLying
  const { roll, computer, network } = world
  computer.disk.canLink = roll.chance(0.8)
  network.trouble = roll.chance(0.3) ? 0.1 : 0
  const lose = watchCommits(world)
  const wanted = Array.from({ length: roll.between(1, 3) }, () =>
    roll.chance(0.3) ? world.newPack([], roll.pick([3, 12, MANY])) : world.newContent(),
  )
  const session = await world.start()
  if (session === null) throw new Error('Nothing can have ended it yet')
  for (const [index, { contentType, contentId }] of wanted.entries())
    await session.calls.start(undefined, { contentType, contentId, title: `Tide ${index}`, artist: 'Nia' })
  const at = roll.between(1, 50 * wanted.length + OPERATIONS_A_TRACK * wanted.flatMap(tracksOf).length)
  const olderAt = roll.chance(0.25) ? roll.between(1, at) : null
  let older: Table[] | null = null
  cutAt(world, session, at)
  const cut = computer.disk.onOperation
  let operations = 0
  computer.disk.onOperation = (...told) => {
    operations += 1
    if (operations === olderAt) older = snapshot(computer)
    cut(...told)
  }
  await allDone(world, session, wanted.length)
  session.kill()
  return { world, lose, wanted, older }
}

async function state(seed: number, isLying = false): Promise<void> {
  const { world, lose, wanted, older } = await runUntilCut(seed, isLying)
  const { computer, roll, network } = world
  for (let cuts = roll.chance(0.3) ? 2 : 1; cuts > 0; cuts--) {
    const { canLink } = computer.disk
    computer.disk = computer.disk.afterPowerCut(roll)
    const without = roll.chance(0.6) ? lose() : null
    if (without !== null) restore(computer, without)
    if (older !== null && cuts === 1) restore(computer, older)
    // Where files can not be linked, a name is taken by an empty file first.
    if (canLink) assertNoneCorrupt(world)
    if (older === null) assertDoneIsThere(world)
    if (cuts === 1) break
    const doomed = await world.start()
    if (doomed === null) continue
    cutAt(world, doomed, roll.between(1, 40))
    await allDone(world, doomed, wanted.length)
    doomed.kill()
  }
  network.trouble = 0
  const session = await world.start()
  if (session === null) throw new Error('Nothing can have ended it')
  await allDone(world, session, wanted.length)
  await comeToRest(world, session)
  assertAllArrived(world, wanted, { mayHaveCopies: older !== null })
  expect(session.errors).toEqual([])
  const states = [...world.server.attempts.values()].map(({ state }) => state)
  expect(new Set(states)).toEqual(new Set(['delivered']))
  // A database that is older than its own files may have forgotten what the server was told already.
  if (older === null) expect(states).toHaveLength(wanted.length)
}

test(`G4, R-DC-12: after each of ${times} power cuts, with any of what was not synced lost, torn or reordered, nothing is corrupt and everything arrives`, {
  timeout: times * 400 + 30_000,
}, async () => {
  await repeatEach('states', { seed: firstSeed, times }, state)
})

test('G4: the oracle finds a disk that says it has synced and has not', async () => {
  const found = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seed) => state(seed, true)))
  const reasons = found.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
  expect(reasons.some((reason) => reason.includes('corrupt') || reason.includes('its file is not there'))).toBe(true)
})
