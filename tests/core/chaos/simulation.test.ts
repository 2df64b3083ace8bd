import { expect, test } from 'vitest'
import type { Crate } from '../../../contract/crates.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import { chaosRun, repeatEach } from '../../_kit/chaos/chaos-run.ts'
import type { Session } from '../../_kit/chaos/simulated-computer.ts'
import { assertNothingStrayed } from './simulated-drives.ts'
import { createSimulatedUser, type SimulatedUser } from './simulated-user.ts'
import {
  assertAllHere,
  assertCrateHolds,
  assertNoneRotten,
  assertPaidOnce,
  createSimulationOracle,
} from './simulation-oracle.ts'
import {
  assertDoneIsThere,
  assertNoneCorrupt,
  createWorld,
  hasEndedInQueue,
  queueRows,
  stagedFiles,
  type World,
} from './world.ts'

const { times, seed: firstSeed } = chaosRun('seeds')
const MOST_ACTS = 40
const MOST_STEPS_BETWEEN = 60
const MOST_SYNCS = 6

function assertNone(what: string, found: readonly string[]): void {
  if (found.length > 0) throw new Error(`${what}: ${found.join('; ')}`)
}

async function endInOrder(world: World, session: Session): Promise<void> {
  let isClosed = false
  void session.close().then(() => {
    isClosed = true
  })
  await world.runUntil(session, () => isClosed)
}

/** Lets `work` of the user come to its end, with everything that follows from it. */
async function through<T>(world: World, user: SimulatedUser, isOver: () => boolean, work: Promise<T>): Promise<T> {
  let isDone = false
  void work.finally(() => {
    isDone = true
  })
  await world.runUntil(user.session(), () => isDone && !user.isBusy() && isOver())
  return await work
}

/** Syncs the crate until nothing more is to be done for it, and answers what it holds: it may take two syncs, and what was missing in between. */
async function settledCrate(world: World, user: SimulatedUser, isOver: () => boolean): Promise<Crate['items']> {
  for (let syncs = 0; syncs < MOST_SYNCS; syncs++) {
    const report = await through(world, user, isOver, user.syncCrate())
    if (report !== null && (report.writes > 0 || report.waitingForDownload > 0)) continue
    const { crates } = await through(world, user, isOver, user.session().crates.list(undefined, {}))
    return crates.find(({ folder }) => folder !== null)?.items ?? []
  }
  throw new Error('The crate is never done')
}

async function simulate(seed: number): Promise<void> {
  let hasChanged = false
  const onEvent = (event: CoreEvent) => {
    hasChanged ||= event.type.startsWith('delivery.')
    if (event.type === 'delivery.progressed' && event.download.reason?.code === 'internal')
      throw new Error('A download failed as internal')
  }
  const world = createWorld(seed, onEvent, { mayHaveStick: true, knowsOwned: true })
  const told: string[] = []
  try {
    const user = await createSimulatedUser(world)
    const oracle = createSimulationOracle(world, user)
    for (let acts = world.roll.between(5, MOST_ACTS); acts > 0; acts--) {
      told.push(await user.act())
      hasChanged = false
      oracle.afterAct()
      for (let steps = world.roll.below(MOST_STEPS_BETWEEN); steps >= 0; steps--) {
        if (!(await world.scheduler.step())) break
        oracle.afterStep(hasChanged)
        hasChanged = false
      }
    }
    told.push('all is put right')
    await user.putRight()
    const wanted = user.wants().filter(({ asks, isGivenUp }) => asks > 0 && !isGivenUp)
    const isWanted = new Set(wanted.map(({ contentId }) => contentId))
    const isOver = () =>
      queueRows(world).every(({ status, contentId }) =>
        isWanted.has(contentId) ? status === 'done' : hasEndedInQueue(status),
      )
    await world.runUntil(user.session(), isOver)
    await through(world, user, isOver, user.repair())
    const items = await settledCrate(world, user, isOver)
    const { everything } = await user.session().calls.everything(undefined, {})
    if (everything?.finishedAt === null) throw new Error('Everything has come, and its report has not')
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
    assertNoneRotten(world, user)
    assertDoneIsThere(world, user.removed())
    assertNone('left in staging', stagedFiles(world))
    assertNothingStrayed(world)
    assertAllHere(world, wanted)
    assertCrateHolds(world, user, items)
    assertPaidOnce(world, user)
    assertNone('logged as unexpected', [...user.errors(), ...last.errors])
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nActs: ${told.join(', ')}\nNow: ${world.describe()}`,
      {
        cause: error,
      },
    )
  }
}

test(`G5: in ${times} seeds of anything that may happen, files arrive whole, in their order, paid for once, and nothing gets stuck`, {
  timeout: times * 400 + 30_000,
}, async () => {
  await repeatEach('seeds', { seed: firstSeed, times }, simulate)
})
