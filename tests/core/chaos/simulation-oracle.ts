import { expect } from 'vitest'
import type { SimulatedAttempt } from '../../_kit/chaos/simulated-server.ts'
import { assertNothingStrayed } from './simulated-drives.ts'
import type { SimulatedUser, Want } from './simulated-user.ts'
import { assertNoneCorrupt, crateFiles, libraryFiles, tracksOf, type World } from './world.ts'

const UNDER_WAY: readonly string[] = ['preparing', 'downloading', 'verifying']
/** Of a limited line: what may come at once after a pause, as a part of a second's worth, and what each connection reads before it pays. */
const BURST_SECONDS = 0.25
const MOST_CONNECTIONS = 20
const SMALLEST_READ = 256
const READS_A_SECOND = 100

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

/** Looks over the shoulder of the whole simulation, and throws when something is as it must never be. */
export interface SimulationOracle {
  /** The user, or the world, did something: what that began was a choice of its own. */
  afterAct(): void
  /** One step was made; `hasChanged`: the queue has told a change. */
  afterStep(hasChanged: boolean): void
}

export function createSimulationOracle(world: World, user: SimulatedUser): SimulationOracle {
  const { computer, network, scheduler } = world
  let before = queueState(world)
  let sent = network.sent.bytes
  /** Since when the limit over all is what it is, and what had come by then. */
  let pace = { limit: computer.settings.bandwidthLimit, session: user.session(), ...reading() }

  function reading() {
    return { at: scheduler.monotonic(), taken: network.taken.bytes, opened: network.opened.count }
  }

  /** What holds downloads back holds them now, and what does not is not given as a reason. */
  function assertTruth(states: readonly QueueState[]): void {
    const running = states.filter(({ status }) => UNDER_WAY.includes(status))
    if (!user.mayUseLine() && running.length > 0) throw new Error('A metered line is used without leave')
    if (user.mayUseLine() && states.some(({ status }) => status === 'needs-consent'))
      throw new Error('One waits for leave that it has')
    if (computer.settings.bandwidthLimit === 0 && running.length > 0) throw new Error('One runs while all are held')
    if (running.some(({ limit }) => limit === 0)) throw new Error('One runs that is held')
  }

  /** At most as many run as the settings say, and whoever begins is the first of those that wait. */
  function assertFair(after: readonly QueueState[]): void {
    const ids = (states: readonly QueueState[]) =>
      new Set(states.filter(({ status }) => UNDER_WAY.includes(status)).map(({ id }) => id))
    const [ran, run] = [ids(before), ids(after)]
    const begun = after.filter(({ id }) => run.has(id) && !ran.has(id))
    if (begun.length > 0 && run.size > computer.settings.parallelDownloads) throw new Error(`${run.size} run at once`)
    if (begun.length === 0) return
    const last = Math.max(...begun.map(({ position }) => position))
    const waited = new Set(before.filter(({ status }) => status === 'queued').map(({ id }) => id))
    const passed = after.find(
      ({ id, status, position, limit }) => waited.has(id) && status === 'queued' && position < last && limit !== 0,
    )
    if (passed !== undefined) throw new Error('One that stood before it still waits')
  }

  /** Since the limit was set, no more has come than it allows. */
  function assertPaced(): void {
    const now = reading()
    const isSame = pace.limit === computer.settings.bandwidthLimit && pace.session === user.session()
    if (isSame && pace.limit !== null) {
      const seconds = (now.at - pace.at) / 1000 + BURST_SECONDS
      const connections = MOST_CONNECTIONS + now.opened - pace.opened
      const unpaid = connections * Math.max(SMALLEST_READ, pace.limit / READS_A_SECOND)
      const came = now.taken - pace.taken
      if (came > pace.limit * seconds + unpaid)
        throw new Error(`${came} bytes came in ${seconds} s at ${pace.limit} a second`)
    }
    if (!isSame) pace = { limit: computer.settings.bandwidthLimit, session: user.session(), ...now }
  }

  return {
    afterAct() {
      assertPaced()
      before = queueState(world)
      sent = network.sent.bytes
      assertTruth(before)
      assertNoneCorrupt(world, { mayKeepNames: !computer.disk.canLink })
      assertNothingStrayed(world)
    },
    afterStep(hasChanged) {
      if (hasChanged) {
        const after = queueState(world)
        assertFair(after)
        assertTruth(after)
        assertNoneCorrupt(world, { mayKeepNames: !computer.disk.canLink })
        before = after
      } else if (network.sent.bytes > sent && !before.some(({ status }) => UNDER_WAY.includes(status))) {
        throw new Error('Bytes were asked for, and nothing is under way')
      }
      sent = network.sent.bytes
    },
  }
}

/** A file is paid for once; what costs beside it is an attempt that its user gave up. */
export function assertPaidOnce(world: World, user: SimulatedUser): void {
  const attempts = [...world.server.attempts.values()]
  const told = attempts.map(({ state, served, object }) => `${state} ${served} of ${object.contentId.slice(0, 6)}`)
  for (const want of user.wants()) {
    const losses = want.losses + user.misjudged()
    const mine = attempts.filter(({ object }) => object.contentId === want.contentId)
    const inState = (state: string) => mine.filter((attempt) => attempt.state === state).length
    const isPlain = want.switches === 0 && losses === 0 && !want.isShared && !want.isGivenUp && want.asks > 0
    // One that was given up before its id was heard of, or right before a crash, is left to the 72 hours of the server.
    const isLeft = ({ state }: SimulatedAttempt) => state === 'reserved' || state === 'active'
    if (isPlain) expect(mine.some(isLeft), `of ${told.join(', ')}`).toBe(false)
    expect(inState('delivered'), want.contentId).toBeLessThanOrEqual(want.switches + losses + 1)
    // What a pack has brought meanwhile is given up, and costs what of it had come by itself.
    const overtaken = want.isShared ? 1 : 0
    expect(inState('expired_charged'), want.contentId).toBeLessThanOrEqual(
      want.cancels + want.switches + losses + overtaken,
    )
    // Given up in the very moment in which it arrived: then it is here, and nothing else is told of it.
    if (isPlain && want.cancels === 0) expect(inState('delivered'), want.contentId).toBe(1)
  }
}

/**
 * Every track of the crate lies in its folder, once and whole; one that lost a byte or came in another format may be there twice, or as the other
 * name of a file that the user removed from the library.
 */
export function assertCrateHolds(
  world: World,
  user: SimulatedUser,
  items: readonly { contentId: string; state: string }[],
): void {
  const found = [...crateFiles(world).values()]
  const before = found.map((bytes) => world.beforeRot(bytes) ?? bytes)
  for (const want of user.wants()) {
    const isMarked = want.losses > 0 || want.switches > 0 || want.isShared
    const files = isMarked ? before : found
    if (!items.some(({ contentId, state }) => contentId === want.contentId && state !== 'not-owned')) continue
    const tracks =
      want.offers[0]?.contents == null ? [want.offers] : tracksOf(want.offers[0]).map((bytes) => [{ bytes }])
    for (const formats of tracks) {
      const copies = files.filter((file) => formats.some(({ bytes }) => bytes.equals(file))).length
      if (isMarked) expect(copies, want.contentId).toBeGreaterThan(0)
      else expect(copies, `${want.contentId} in the crate`).toBe(1)
    }
  }
}

/** What lost a byte is whole again, but for a file that has a successor in another format, or by another way: it may be its user's. */
export function assertNoneRotten(world: World, user: SimulatedUser): void {
  const replaced = user.wants().filter(({ switches, isShared }) => switches > 0 || isShared)
  const mayStay = replaced.flatMap(({ offers }) => offers.flatMap(tracksOf))
  for (const [name, bytes] of libraryFiles(world)) {
    const whole = world.beforeRot(bytes)
    if (whole !== undefined && !mayStay.some((track) => track.equals(whole))) throw new Error(`${name} has lost a byte`)
  }
}

/** Each track that was wanted lies in the library once, in the format that was wanted last. */
export function assertAllHere(world: World, wants: readonly Want[]): void {
  const files = [...libraryFiles(world).values()]
  const count = (tracks: readonly Buffer[]) =>
    files.filter((bytes) => tracks.some((track) => track.equals(bytes))).length
  const names = [...libraryFiles(world)].map(([name, { length }]) => `${name} ${length}`).join(', ')
  for (const { contentId, offers, format } of wants) {
    const [master] = offers
    if (master?.contents != null) {
      for (const track of tracksOf(master)) expect(count([track]), `a track of the pack ${contentId}`).toBe(1)
    } else {
      expect(count(offers.map(({ bytes }) => bytes)), `the track ${contentId} in ${names}`).toBe(1)
      const meant = offers.filter((offer) => format === null || offer.format === format)
      expect(count(meant.map(({ bytes }) => bytes)), `the track ${contentId} as ${format}`).toBe(1)
    }
  }
}
