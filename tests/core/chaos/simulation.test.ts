import { expect, test } from 'vitest'
import { chaosRun, repeatable } from '../../_kit/chaos/chaos-run.ts'
import type { Session } from '../../_kit/chaos/simulated-computer.ts'
import type { SimulatedAttempt } from '../../_kit/chaos/simulated-server.ts'
import { createSimulatedUser, type SimulatedUser } from './simulated-user.ts'
import {
  assertDoneIsThere,
  assertNoneCorrupt,
  createWorld,
  libraryFiles,
  queueRows,
  stagedFiles,
  type World,
} from './world.ts'

const { times, seed: firstSeed } = chaosRun('seeds')
const MOST_ACTS = 40
const MOST_STEPS_BETWEEN = 60
const UNDER_WAY: readonly string[] = ['preparing', 'downloading', 'verifying']
const ENDED: readonly string[] = ['done', 'cancelled', 'ended']

interface QueueState {
  readonly id: string
  readonly status: string
  readonly position: number
  readonly limit: number | null
}

function queueState({ computer }: World): QueueState[] {
  return computer.db
    .prepare('select id, status, position, bytes_per_second_limit from downloads order by position')
    .all()
    .map((row) => ({
      id: String(row['id']),
      status: String(row['status']),
      position: Number(row['position']),
      limit: row['bytes_per_second_limit'] === null ? null : Number(row['bytes_per_second_limit']),
    }))
}

/** At most as many run as the settings say, and whoever begins is the first of those that wait. */
function assertFair(world: World, before: readonly QueueState[], after: readonly QueueState[]): void {
  const ids = (states: readonly QueueState[]) =>
    new Set(states.filter(({ status }) => UNDER_WAY.includes(status)).map(({ id }) => id))
  const [ran, run] = [ids(before), ids(after)]
  const begun = after.filter(({ id }) => run.has(id) && !ran.has(id))
  if (begun.length > 0 && run.size > world.computer.settings.parallelDownloads)
    throw new Error(`${run.size} run at once`)
  if (begun.length === 0) return
  const last = Math.max(...begun.map(({ position }) => position))
  const waited = new Set(before.filter(({ status }) => status === 'queued').map(({ id }) => id))
  const passed = after.find(
    ({ id, status, position, limit }) => waited.has(id) && status === 'queued' && position < last && limit !== 0,
  )
  if (passed !== undefined) throw new Error('One that stood before it still waits')
}

/** A file is paid for once; what costs beside it is an attempt that its user gave up. */
function assertPaidOnce(world: World, user: SimulatedUser): void {
  const attempts = [...world.server.attempts.values()]
  const isWanted = new Set(user.wanted().map(({ contentId }) => contentId))
  const told = attempts.map(({ state, served, object }) => `${state} ${served} of ${object.contentId.slice(0, 6)}`)
  // One that was given up before its id was heard of, or right before a crash, is left to the 72 hours of the server.
  const isLeft = ({ state, object }: SimulatedAttempt) =>
    (state === 'reserved' || state === 'active') && isWanted.has(object.contentId)
  expect(attempts.some(isLeft), `of ${told.join(', ')}`).toBe(false)
  for (const contentId of world.server.objects.keys()) {
    const mine = attempts.filter(({ object }) => object.contentId === contentId)
    const inState = (state: string) => mine.filter((attempt) => attempt.state === state).length
    expect(inState('delivered'), contentId).toBeLessThanOrEqual(1)
    expect(inState('expired_charged'), contentId).toBeLessThanOrEqual(user.cancelsOf(contentId))
    // Given up in the very moment in which it arrived: then it is here, and nothing else is told of it.
    if (isWanted.has(contentId) && user.cancelsOf(contentId) === 0) expect(inState('delivered'), contentId).toBe(1)
  }
}

async function endInOrder(world: World, session: Session): Promise<void> {
  let isClosed = false
  void session.close().then(() => {
    isClosed = true
  })
  await world.runUntil(session, () => isClosed)
}

async function simulate(seed: number): Promise<void> {
  let hasChanged = false
  const world = createWorld(seed, (event) => {
    hasChanged ||= event.type.startsWith('delivery.')
    if (event.type === 'delivery.progressed' && event.download.reason?.code === 'internal')
      throw new Error('A download failed as internal')
  })
  const told: string[] = []
  try {
    const user = await createSimulatedUser(world)
    let before: readonly QueueState[]
    for (let acts = world.roll.between(5, MOST_ACTS); acts > 0; acts--) {
      told.push(await user.act())
      // What the act itself began was its user's choice.
      before = queueState(world)
      hasChanged = false
      assertNoneCorrupt(world)
      for (let steps = world.roll.below(MOST_STEPS_BETWEEN); steps >= 0; steps--) {
        if (hasChanged) {
          const after = queueState(world)
          assertFair(world, before, after)
          assertNoneCorrupt(world)
          before = after
          hasChanged = false
        }
        if (!(await world.scheduler.step())) break
      }
    }
    told.push('all is put right')
    await user.putRight()
    const wanted = user.wanted()
    const isWanted = new Set(wanted.map(({ contentId }) => contentId))
    const isOver = () =>
      queueRows(world).every(({ status, contentId }) =>
        isWanted.has(contentId) ? status === 'done' : ENDED.includes(status),
      )
    await world.runUntil(user.session(), isOver)
    // What is to be told to the server is told within minutes.
    const until = world.scheduler.now() + 600_000
    await world.runUntil(
      user.session(),
      () =>
        world.scheduler.now() > until ||
        Number(world.computer.db.prepare('select count(*) as n from attempt_reports').get()?.['n']) === 0,
    )
    await endInOrder(world, user.session())
    // The next start removes what a disk with errors would not let go, and fetches nothing again.
    const { bytes } = world.network.sent
    const last = await world.start()
    if (last === null) throw new Error('Nothing can have ended it')
    await endInOrder(world, last)
    expect(world.network.sent.bytes).toBe(bytes)
    assertNoneCorrupt(world)
    assertDoneIsThere(world)
    expect(stagedFiles(world)).toEqual([])
    for (const object of wanted)
      expect([...libraryFiles(world).values()].filter((bytes) => bytes.equals(object.bytes))).toHaveLength(1)
    assertPaidOnce(world, user)
    expect([...user.errors(), ...last.errors]).toEqual([])
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\nActs: ${told.join(', ')}`, {
      cause: error,
    })
  }
}

test(`G5: in ${times} seeds of anything that may happen, files arrive whole, in their order, paid for once, and nothing gets stuck`, {
  timeout: times * 400 + 30_000,
}, async () => {
  for (let seed = firstSeed; seed < firstSeed + times; seed++) await repeatable('seeds', seed, () => simulate(seed))
})
