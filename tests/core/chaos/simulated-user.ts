import type { Settings } from '../../../contract/app.ts'
import type { SyncReport } from '../../../contract/crates.ts'
import { AppError } from '../../../contract/errors.ts'
import type { AudioFormat } from '../../../contract/values.ts'
import type { DiskTrouble } from '../../_kit/chaos/forgetting-disk.ts'
import { CRATE, type Session } from '../../_kit/chaos/simulated-computer.ts'
import type { SimulatedObject } from '../../_kit/chaos/simulated-server.ts'
import { createSimulatedDrives } from './simulated-drives.ts'
import { assertDoneIsThere, assertNoneCorrupt, hasEndedInQueue, queueRows, stagedFiles, type World } from './world.ts'

const MOST_CONTENTS = 6
/** Times that one content is given up, or wanted in another format: five attempts are all there are of each format. */
const MOST_CANCELS = 2
const MOST_SWITCHES = 2
const MOST_LOSSES = 2
const HOUR_MS = 3_600_000

/** Something that was asked for. */
export interface Want {
  readonly contentId: string
  /** What the store has of it, its master first. */
  readonly offers: readonly SimulatedObject[]
  /** A pack brings it too, or it is a pack that brings another. */
  readonly isShared: boolean
  /** The format that it has to come in; null: any. */
  format: AudioFormat | null
  asks: number
  cancels: number
  switches: number
  /** Times that a file of it was damaged or removed, and may have come anew for it. */
  losses: number
  isGivenUp: boolean
}

/** Someone at the computer, and the world around it: does one thing after another that may happen while downloads run. */
export interface SimulatedUser {
  /** One thing of a random kind; answers its name. The session may be another one afterwards. */
  act(): Promise<string>
  session(): Session
  /** Everything that was ever asked for. */
  wants(): readonly Want[]
  /** Whether downloads may use the line as it is now. */
  mayUseLine(): boolean
  /** Times that a repair may have taken what the disk did not show for damaged or lost: then it comes anew. */
  misjudged(): number
  /** Whether something that was asked of library or crates is still going on. */
  isBusy(): boolean
  /** Contents whose files the user removed. */
  removed(): ReadonlySet<string>
  /** Puts everything right that only hands can put right: from then on all must come by itself. */
  putRight(): Promise<void>
  /** Brings the crate's folder up to date; answers what that took, null where there is no crate. */
  syncCrate(): Promise<SyncReport | null>
  /** Has the library read all files and fetch again what is damaged; resolves when that is queued. */
  repair(): Promise<void>
  /** Everything that the sessions so far logged as unexpected. */
  errors(): string[]
}

export async function createSimulatedUser(world: World): Promise<SimulatedUser> {
  const { roll, computer, network, scheduler } = world
  const drives = createSimulatedDrives(world)
  const wants: Want[] = []
  const ended: Session[] = []
  const removed = new Set<string>()
  const busy = new Map<Session, number>()
  let repairs = 0
  let hadTrouble = false
  /** Failures of the library that nobody expects. */
  const failures: string[] = []
  /** What was said about the metered line, as long as it is the same one. */
  let answered: boolean | null = null
  let session = await begin()

  async function begin(): Promise<Session> {
    for (;;) {
      const started = await world.start()
      if (started !== null) return started
    }
  }

  async function start(want: Want, format: AudioFormat | null) {
    const isOnItsWay = queueRows(world).some(
      ({ contentId, status }) => contentId === want.contentId && status !== 'failed' && !hasEndedInQueue(status),
    )
    await session.calls.start(undefined, {
      contentType: want.offers[0]?.contentType ?? 'track',
      contentId: want.contentId,
      title: `Tide ${wants.indexOf(want)}`,
      artist: 'Nia',
      ...(format === null ? {} : { format }),
    })
    // What was removed may be on its way again for a crate, as its master.
    if (!isOnItsWay || format !== null || want.losses > 0) want.format = format
    want.asks += 1
    want.isGivenUp = false
  }

  function ask(offers: readonly SimulatedObject[], isShared: boolean): Want {
    const contentId = offers[0]?.contentId ?? ''
    const want = {
      contentId,
      offers,
      isShared,
      format: null,
      asks: 0,
      cancels: 0,
      switches: 0,
      losses: 0,
      isGivenUp: false,
    }
    wants.push(want)
    return want
  }

  function newTrack(): Want {
    const master = world.newContent()
    const formats = roll.chance(0.3) ? roll.shuffled(['flac', 'wav'] as const).slice(roll.below(2)) : []
    return ask([master, ...formats.map((format) => world.newFormat(master, format))], false)
  }

  /** A pack, at times with a track that is wanted alone as well. */
  function newPack(): Want {
    if (wants.length + 1 >= MOST_CONTENTS || roll.chance(0.6)) return ask([world.newPack([])], false)
    const alone = ask([world.newContent(2)], true)
    const [track] = alone.offers
    const pack = ask([world.newPack(track === undefined ? [] : [track])], true)
    return roll.chance(0.5) ? pack : alone
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

  /** Goes on beside everything else, and may fail for whatever is wrong with the world. */
  function beside(work: Promise<unknown>): void {
    const by = session
    busy.set(by, (busy.get(by) ?? 0) + 1)
    const isOver = () => void busy.set(by, (busy.get(by) ?? 1) - 1)
    work.finally(isOver).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code === 'internal')
        failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    })
  }

  function wantsOf(trackId: string): Want[] {
    return wants.filter(({ offers }) =>
      offers.some(({ contentId, contents }) =>
        (contents?.map((entry) => entry.trackId) ?? [contentId]).includes(trackId),
      ),
    )
  }

  /** Puts some of what was wanted into the one crate there is, and gives it its folder. */
  async function fillCrate({ crates }: Session, some: readonly Want[]): Promise<void> {
    const [first] = (await crates.list(undefined, {})).crates
    const { id: crateId, folder } = first ?? (await crates.create(undefined, { name: 'Set' }))
    const items = some.map(({ contentId, offers }) => ({ contentId, contentType: offers[0]?.contentType ?? 'track' }))
    await crates.setItems(undefined, { crateId, items })
    if (folder === null) await crates.setFolder(undefined, { crateId, folderId: CRATE })
  }

  async function syncCrate({ crates }: Session): Promise<SyncReport | null> {
    const linked = (await crates.list(undefined, {})).crates.find(({ folder }) => folder !== null)
    return linked === undefined ? null : await crates.sync(undefined, { crateId: linked.id })
  }

  async function again(): Promise<void> {
    ended.push(session)
    answered = null
    computer.disk.onOperation = () => {}
    session = await begin()
  }

  function changeLine(isMetered: boolean): void {
    computer.isMetered = isMetered
    answered = null
    session.lineChanged()
  }

  function isDone(contentId: string): boolean {
    return queueRows(world).some((row) => row.contentId === contentId && row.status === 'done')
  }

  function mayUseLine(): boolean {
    const { onMetered } = computer.settings
    return !computer.isMetered || onMetered === 'use' || (onMetered === 'ask' && answered === true)
  }

  /** Some hours of some days. The whole of every day is never held: that would wait for ever, as it was asked to. */
  function window(): Settings['speedSchedule'][number] {
    const hour = () => `${String(roll.below(24)).padStart(2, '0')}:${roll.pick(['00', '30'])}`
    const [from, to] = [hour(), hour()]
    return {
      days: [0, 1, 2, 3, 4, 5, 6].filter((day) => day === 6 || roll.chance(0.7)),
      ...{ from, to },
      bytesPerSecond: roll.pick([from === to ? null : 0, 20_000, 200_000, null]),
    }
  }

  function diskTrouble(likely: number): DiskTrouble {
    return (operation) =>
      ['write', 'sync', 'read', 'open', 'link', 'rename'].includes(operation) && roll.chance(likely) ? 'EIO' : null
  }

  const acts: Readonly<Record<string, () => unknown>> = {
    'wants another': async () => {
      if (wants.length < MOST_CONTENTS) await start(newTrack(), null)
    },
    'wants a pack': async () => {
      if (wants.length < MOST_CONTENTS) await start(newPack(), null)
    },
    'wants one again': async () => {
      const want = wants.find(({ isGivenUp, asks }) => isGivenUp || asks === 0)
      if (want !== undefined) await start(want, null)
    },
    'wants it in another format': async () => {
      const some = wants.filter(({ offers, switches }) => offers.length > 1 && switches < MOST_SWITCHES)
      if (some.length === 0) return
      const want = roll.pick(some)
      want.switches += 1
      await start(want, roll.pick(want.offers).format)
    },
    pauses: () => onSome((downloadId) => session.calls.pause(undefined, { downloadId })),
    resumes: () => onSome((downloadId) => session.calls.resume(undefined, { downloadId })),
    'tries again': () => onSome((downloadId) => session.calls.retry(undefined, { downloadId })),
    cancels: () =>
      onSome(async (downloadId, contentId) => {
        const want = wants.find((one) => one.contentId === contentId)
        if (want === undefined || want.cancels >= MOST_CANCELS) return
        await session.calls.cancelDownload(undefined, { downloadId })
        want.cancels += 1
        want.isGivenUp = true
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
      // Files that came back when a drive was pulled out or the power failed are known by their row until the next start.
      const ended = queueRows(world).filter(({ status }) => hasEndedInQueue(status))
      if (stagedFiles(world).some((place) => ended.some(({ id }) => place.includes(id)))) return
      await session.calls.clearFinished(undefined, {})
    },
    'a file loses a byte': () => {
      if (!wants.every(({ losses }) => losses < MOST_LOSSES)) return
      const trackId = world.rot()
      if (trackId !== null) for (const want of wantsOf(trackId)) want.losses += 1
    },
    'has the library checked': () => beside(session.library.verify(undefined, {})),
    'has the library repaired': () => {
      repairs += 1
      beside(session.library.repair(undefined, {}))
    },
    'wants everything': () => {
      repairs += 1
      beside(session.calls.downloadEverything(undefined, {}))
    },
    'fills the crate': () => {
      repairs += 1
      beside(fillCrate(session, roll.shuffled(wants).slice(0, roll.below(4))))
    },
    'syncs the crate': () => {
      repairs += 1
      beside(syncCrate(session))
    },
    'looks at the library': () => beside(session.library.list(undefined, { sort: 'added' })),
    'removes a file': () => {
      const want = wants.find(
        ({ contentId, offers, isShared, losses, isGivenUp }) =>
          !isShared && !isGivenUp && losses < MOST_LOSSES && offers[0]?.contents === null && isDone(contentId),
      )
      if (want === undefined) return
      want.losses += 1
      want.isGivenUp = true
      removed.add(want.contentId)
      beside(session.library.removeLocal(undefined, { trackId: want.contentId }))
    },
    'changes settings': () =>
      session.settings.change(
        roll.pick([
          { parallelDownloads: roll.between(1, 4) },
          { connectionsPerFile: roll.between(1, 5) },
          { bandwidthLimit: roll.pick([null, 0, 20_000, 400_000]) },
          { headroomPercent: roll.pick([0, 50, 90]) },
          { speedSchedule: roll.chance(0.5) ? [] : [window()] },
          { onMetered: roll.pick(['ask', 'use', 'wait'] as const) },
          { keepPackZips: roll.chance(0.5) },
        ]),
      ),
    'the line is metered': () => changeLine(true),
    'the line is not metered': () => changeLine(false),
    'answers about the metered line': () => {
      answered = roll.chance(0.6)
      return session.calls.answerMetered(undefined, { mayUse: answered })
    },
    'the drive goes': drives.goes,
    'the drive comes': drives.comes,
    'another drive comes': drives.anotherComes,
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
    'the disk has errors': () => {
      hadTrouble = true
      computer.disk.setTrouble(diskTrouble(roll.pick([0.01, 0.1])))
    },
    'the library refuses': () => {
      hadTrouble = true
      computer.disk.setTrouble((_, place) => (place.startsWith(computer.library) ? 'EACCES' : null))
    },
    'the disk is well': () => computer.disk.setTrouble(() => null),
    'time passes': () => scheduler.advance(roll.pick([60_000, 8 * HOUR_MS, 80 * HOUR_MS])),
    'the computer sleeps': () => {
      scheduler.sleep(roll.pick([60_000, 8 * HOUR_MS, 80 * HOUR_MS]))
      if (roll.chance(0.7)) network.sever(roll.pick(['reset', 'silence']))
      if (roll.chance(0.7)) session.reconnect()
    },
    'the clock is set': () => scheduler.setCalendar(roll.pick([-24, -1, 1, 24, 24 * 365]) * HOUR_MS),
    'the application ends': async () => {
      let isClosed = false
      const closing = session
      void closing.close().then(() => {
        isClosed = true
      })
      await world.runUntil(closing, () => isClosed)
      assertDoneIsThere(world, removed)
      await again()
    },
    'the process is killed': async () => {
      session.kill()
      assertNoneCorrupt(world, { mayKeepNames: !computer.disk.canLink })
      assertDoneIsThere(world, removed)
      await again()
    },
    'the power fails': async () => {
      session.kill()
      const { value } = computer.disk.freeBytes
      computer.disk = computer.disk.afterPowerCut(roll)
      drives.boots()
      computer.disk.freeBytes.value = value
      assertNoneCorrupt(world, { mayKeepNames: !computer.disk.canLink })
      assertDoneIsThere(world, removed)
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
    'the drive comes',
    'the line is not metered',
    'resumes all',
    'resumes',
    'fills the crate',
    'syncs the crate',
  ]

  return {
    async act() {
      const name = roll.pick(weighted)
      await acts[name]?.()
      return name
    },
    session: () => session,
    wants: () => wants,
    mayUseLine,
    misjudged: () => (hadTrouble ? repairs : 0),
    isBusy: () => (busy.get(session) ?? 0) > 0,
    removed: () => removed,
    syncCrate: () => syncCrate(session),
    repair: async () => void (await session.library.repair(undefined, {})),
    async putRight() {
      network.isUp = true
      network.trouble = 0
      computer.disk.freeBytes.value = 1e12
      computer.disk.setTrouble(() => null)
      drives.comes()
      changeLine(false)
      session.settings.change({ bandwidthLimit: null })
      await session.calls.resumeAll(undefined, {})
      for (const { id, status } of queueRows(world)) {
        await session.calls.limitDownload(undefined, { downloadId: id, bytesPerSecond: null })
        if (status === 'paused') await session.calls.resume(undefined, { downloadId: id })
        if (status === 'failed') await session.calls.retry(undefined, { downloadId: id })
      }
    },
    errors: () => [...failures, ...[...ended, session].flatMap(({ errors }) => errors)],
  }
}
