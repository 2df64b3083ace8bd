import { AppError } from '../../../contract/errors.ts'
import type { DiskTrouble } from '../../_kit/chaos/forgetting-disk.ts'
import { LIBRARY, type Session } from '../../_kit/chaos/simulated-computer.ts'
import type { SimulatedObject } from '../../_kit/chaos/simulated-server.ts'
import { assertDoneIsThere, assertNoneCorrupt, queueRows, stagedFiles, type World } from './world.ts'

const MOST_CONTENTS = 6
/** Times that one content is given up: five attempts are all there are. */
const MOST_CANCELS = 2
const HOUR_MS = 3_600_000

/** Someone at the computer, and the world around it: does one thing after another that may happen while downloads run. */
export interface SimulatedUser {
  /** One thing of a random kind; answers its name. The session may be another one afterwards. */
  act(): Promise<string>
  session(): Session
  /** What was asked for and not given up. */
  wanted(): SimulatedObject[]
  /** How often a content was given up. */
  cancelsOf(contentId: string): number
  /** Puts everything right that only hands can put right: from then on all must come by itself. */
  putRight(): Promise<void>
  /** Everything that the sessions so far logged as unexpected. */
  errors(): string[]
}

export async function createSimulatedUser(world: World): Promise<SimulatedUser> {
  const { roll, computer, network, scheduler } = world
  const contents: SimulatedObject[] = []
  const cancels = new Map<string, number>()
  const givenUp = new Set<string>()
  const ended: Session[] = []
  let session = await begin()

  async function begin(): Promise<Session> {
    for (;;) {
      const started = await world.start()
      if (started !== null) return started
    }
  }

  async function start(object: SimulatedObject) {
    await session.calls.start(undefined, {
      contentType: 'track',
      contentId: object.contentId,
      title: `Tide ${contents.indexOf(object)}`,
      artist: 'Nia',
    })
    givenUp.delete(object.contentId)
  }

  async function onSome(work: (downloadId: string, contentId: string) => Promise<unknown>): Promise<void> {
    const rows = queueRows(world)
    if (rows.length === 0) return
    const { id, contentId } = roll.pick(rows)
    try {
      await work(id, contentId)
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'not-downloadable' && error.code !== 'not-found')) throw error
    }
  }

  async function again(): Promise<void> {
    ended.push(session)
    computer.disk.onOperation = () => {}
    session = await begin()
  }

  function diskTrouble(likely: number): DiskTrouble {
    return (operation) =>
      ['write', 'sync', 'read', 'open', 'link', 'rename'].includes(operation) && roll.chance(likely) ? 'EIO' : null
  }

  const acts: Readonly<Record<string, () => unknown>> = {
    'wants another': async () => {
      if (contents.length >= MOST_CONTENTS) return
      const object = world.newContent()
      contents.push(object)
      await start(object)
    },
    'wants one again': async () => {
      const object = contents.find(({ contentId }) => givenUp.has(contentId))
      if (object !== undefined) await start(object)
    },
    pauses: () => onSome((downloadId) => session.calls.pause(undefined, { downloadId })),
    resumes: () => onSome((downloadId) => session.calls.resume(undefined, { downloadId })),
    'tries again': () => onSome((downloadId) => session.calls.retry(undefined, { downloadId })),
    cancels: () =>
      onSome(async (downloadId, contentId) => {
        const before = cancels.get(contentId) ?? 0
        if (before >= MOST_CANCELS) return
        await session.calls.cancelDownload(undefined, { downloadId })
        cancels.set(contentId, before + 1)
        givenUp.add(contentId)
      }),
    moves: () =>
      onSome((downloadId) => session.calls.move(undefined, { downloadId, position: roll.below(MOST_CONTENTS) })),
    'wants it next': () => onSome((downloadId) => session.calls.downloadNext(undefined, { downloadId })),
    'wants it now': () => onSome((downloadId) => session.calls.downloadNow(undefined, { downloadId })),
    'limits one': () =>
      onSome((downloadId) =>
        session.calls.limitDownload(undefined, { downloadId, bytesPerSecond: roll.pick([null, 0, 4_000, 90_000]) }),
      ),
    'pauses all': () => session.calls.pauseAll(undefined, {}),
    'resumes all': () => session.calls.resumeAll(undefined, {}),
    'clears what is finished': async () => {
      // Files that the disk would not let go are known by their row until the next start.
      const ended = queueRows(world).filter(({ status }) => status === 'cancelled')
      if (stagedFiles(world).some((place) => ended.some(({ id }) => place.includes(id)))) return
      await session.calls.clearFinished(undefined, {})
    },
    'changes settings': () =>
      session.settings.change(
        roll.pick([
          { parallelDownloads: roll.between(1, 4) },
          { connectionsPerFile: roll.between(1, 5) },
          { bandwidthLimit: roll.pick([null, 0, 20_000, 400_000]) },
        ]),
      ),
    'the network goes': () => {
      network.isUp = false
    },
    'the network comes': () => {
      network.isUp = true
    },
    'the line gets worse': () => {
      network.trouble = roll.pick([0.05, 0.2, 0.5])
    },
    'the line gets better': () => {
      network.trouble = 0
    },
    'the disk is full': () => {
      computer.disk.freeBytes.value = roll.below(60_000)
    },
    'the disk has room': () => {
      computer.disk.freeBytes.value = 1e12
    },
    'the disk has errors': () => computer.disk.setTrouble(diskTrouble(roll.pick([0.01, 0.1]))),
    'the library refuses': () => computer.disk.setTrouble((_, place) => (place.startsWith(LIBRARY) ? 'EACCES' : null)),
    'the disk is well': () => computer.disk.setTrouble(() => null),
    'the computer sleeps': () => scheduler.advance(roll.pick([60_000, 8 * HOUR_MS, 80 * HOUR_MS])),
    'the clock is set': () => scheduler.setCalendar(roll.pick([-24, -1, 1, 24, 24 * 365]) * HOUR_MS),
    'the application ends': async () => {
      let isClosed = false
      const closing = session
      void closing.close().then(() => {
        isClosed = true
      })
      await world.runUntil(closing, () => isClosed)
      assertDoneIsThere(world)
      await again()
    },
    'the process is killed': async () => {
      session.kill()
      assertNoneCorrupt(world)
      assertDoneIsThere(world)
      await again()
    },
    'the power fails': async () => {
      session.kill()
      const { value } = computer.disk.freeBytes
      computer.disk = computer.disk.afterPowerCut(roll)
      computer.disk.freeBytes.value = value
      assertNoneCorrupt(world)
      assertDoneIsThere(world)
      await again()
    },
  }
  const names = Object.keys(acts)
  const weighted = [
    ...names,
    'wants another',
    'wants another',
    'the line gets worse',
    'the network comes',
    'the disk has room',
    'the disk is well',
    'resumes all',
    'resumes',
  ]

  return {
    async act() {
      const name = roll.pick(weighted)
      await acts[name]?.()
      return name
    },
    session: () => session,
    wanted: () => contents.filter(({ contentId }) => !givenUp.has(contentId)),
    cancelsOf: (contentId) => cancels.get(contentId) ?? 0,
    async putRight() {
      network.isUp = true
      network.trouble = 0
      computer.disk.freeBytes.value = 1e12
      computer.disk.setTrouble(() => null)
      session.settings.change({ bandwidthLimit: null })
      await session.calls.resumeAll(undefined, {})
      for (const { id, status } of queueRows(world)) {
        await session.calls.limitDownload(undefined, { downloadId: id, bytesPerSecond: null })
        if (status === 'paused') await session.calls.resume(undefined, { downloadId: id })
        if (status === 'failed') await session.calls.retry(undefined, { downloadId: id })
      }
    },
    errors: () => [...ended, session].flatMap(({ errors }) => errors),
  }
}
