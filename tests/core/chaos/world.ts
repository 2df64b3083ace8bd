import { createHash } from 'node:crypto'
import path from 'node:path'
import { expect } from 'vitest'
import type { PackEntry } from '../../../contract/delivery.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import { type Dice, dice } from '../../_kit/chaos/dice.ts'
import { createForgettingDisk } from '../../_kit/chaos/forgetting-disk.ts'
import { createScheduler, settled } from '../../_kit/chaos/scheduler.ts'
import {
  type Computer,
  CRATE,
  newComputer,
  type Session,
  STAGING,
  startSession,
} from '../../_kit/chaos/simulated-computer.ts'
import { createSimulatedCrates } from '../../_kit/chaos/simulated-crates.ts'
import { createSimulatedNetwork } from '../../_kit/chaos/simulated-network.ts'
import { ownedOf } from '../../_kit/chaos/simulated-ownership.ts'
import { createSimulatedServer, type SimulatedObject } from '../../_kit/chaos/simulated-server.ts'

const SEGMENT = 16 * 1024

/** A computer, a server, and everything between them, all decided by one seed. */
export interface World {
  readonly roll: Dice
  readonly computer: Computer
  readonly scheduler: ReturnType<typeof createScheduler>
  readonly server: ReturnType<typeof createSimulatedServer>
  readonly network: ReturnType<typeof createSimulatedNetwork>
  /** A new content of 1 to `most` segments, the last of them perhaps short. */
  newContent(most?: number): SimulatedObject
  /** The same content in another format. */
  newFormat(of: SimulatedObject, format: 'flac' | 'wav'): SimulatedObject
  /** A new pack of these tracks, which are sold alone as well, and of 1 to `most` of its own; where these may be many they are small. */
  newPack(tracks: readonly SimulatedObject[], most?: number): SimulatedObject
  /** Starts the application and lets it take up its queue; null when it ended before it had. */
  start(): Promise<Session | null>
  /** Lets things happen until `isSo`, or the process has ended. Throws when nothing more can happen, or too much has. */
  runUntil(session: Session, isSo: () => boolean | Promise<boolean>): Promise<void>
  /** The file of a track that the library knows, whole until now, loses a byte by itself; answers the track's id, null where there is none. */
  rot(): string | null
  /** What a file was before it lost a byte; undefined for one that lost none. */
  beforeRot(bytes: Buffer): Buffer | undefined
  /** The queue, the drives and the files in one line, for the message of a failure. */
  describe(): string
}

/** By these a file is known for what it is. */
const MAGIC = { flac: 'fLaC', wav: 'RIFF\0\0\0\0WAVE' } as const
/** Names that are one name on some file systems. */
const TWINS = ['Tide.mp3', 'TIDE.mp3', 'tide (2).mp3']
const MOST_STEPS = 60_000
/** Steps between two looks at whether it is so. */
const LOOK_EVERY = 8

export function createWorld(
  seed: number,
  onEvent: (event: CoreEvent) => void = () => {},
  { mayHaveStick = false, knowsOwned = false } = {},
): World {
  const roll = dice(seed)
  const scheduler = createScheduler(roll)
  const server = createSimulatedServer(roll, scheduler.now)
  const network = createSimulatedNetwork(scheduler, roll, server)
  const disk = createForgettingDisk(scheduler)
  const isOnStick = mayHaveStick && roll.chance(0.4)
  if (isOnStick) disk.canLink = roll.chance(0.5)
  const computer = newComputer(disk, { isOnStick })
  const owned = () => (knowsOwned ? ownedOf(server) : [])
  const crates = createSimulatedCrates()
  const parts = { roll, scheduler, server, network, crates, owned, onEvent }
  const rotten = new Map<string, Buffer>()

  function describe(): string {
    const rows = computer.db.prepare('select id, status, reason_code, run, failures, retry_at from downloads').all()
    return `${new Date(scheduler.now()).toISOString()} ${JSON.stringify(rows)} ${JSON.stringify([[...computer.disk.mounts], [...computer.values]])} ${[...computer.disk.files()].map(([place, { length }]) => `${place} ${length}`)}`
  }

  async function runUntil(session: Session, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const last = scheduler.steps + MOST_STEPS
    for (let steps = 0; !session.life.isOver && (steps % LOOK_EVERY !== 0 || !(await isSo())); steps++) {
      if (scheduler.steps > last) throw new Error(`Still not so after ${MOST_STEPS} steps: ${describe()}`)
      if (!(await scheduler.step())) {
        await settled()
        if (session.life.isOver || (await isSo())) return
        // What has come to its end meanwhile may have begun something else.
        if (await scheduler.step()) continue
        throw new Error(`Nothing is left that could happen: ${describe()}`)
      }
    }
  }

  function newBytes(most = 6): Buffer {
    const length = roll.chance(0.1)
      ? roll.between(1, 600)
      : SEGMENT * roll.between(1, most) - roll.pick([0, 1, 511, 5_000])
    return roll.bytes(length)
  }

  return {
    ...parts,
    computer,
    newContent: (most) => server.sell(roll.uuid(), newBytes(most), SEGMENT),
    newFormat: ({ contentId }, format) =>
      server.sell(contentId, Buffer.concat([Buffer.from(MAGIC[format], 'latin1'), newBytes()]), SEGMENT, { format }),
    newPack(tracks, most = 3) {
      const own = Array.from({ length: roll.between(1, most) }, () => ({
        contentId: roll.uuid(),
        bytes: most > 3 ? roll.bytes(roll.between(1, 900)) : newBytes(2),
      }))
      const pieces: Buffer[] = []
      const contents = roll.shuffled([...tracks, ...own]).map(({ contentId, bytes }, index): PackEntry => {
        // What a zip has between its files.
        pieces.push(roll.bytes(roll.between(30, 90)))
        const offset = pieces.reduce((sum, { length }) => sum + length, 0)
        pieces.push(bytes)
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        return {
          ...{ trackId: contentId, position: index + 1 },
          fileName: roll.chance(0.3) ? roll.pick(TWINS) : `${index + 1} of ${contentId.slice(0, 6)}.mp3`,
          ...{ offset, sizeBytes: bytes.length, sha256, audioSha256: null },
        }
      })
      const bytes = Buffer.concat([...pieces, roll.bytes(roll.between(40, 3_000))])
      return server.sell(roll.uuid(), bytes, SEGMENT, { contents })
    },
    async start() {
      const session = await startSession(parts, computer)
      let isOpen = false
      void session.opened.then(() => {
        isOpen = true
      })
      await settled()
      await runUntil(session, () => isOpen)
      return session.life.isOver ? null : session
    },
    runUntil,
    rot() {
      const { db, disk, library } = computer
      // What is announced is a file under way, and proved once more after a crash.
      const settled = 'track_id not in (select track_id from publications where track_id is not null)'
      const known = db.prepare(`select * from local_files where ${settled} order by track_id`).all()
      const whole = known.flatMap((row) => {
        const place = path.join(library, String(row['file_name']))
        const bytes = disk.files().get(place)
        const isWhole = bytes !== undefined && hashOf(bytes) === row['sha256']
        return isWhole ? [{ trackId: String(row['track_id']), place, bytes }] : []
      })
      if (whole.length === 0) return null
      const { trackId, place, bytes } = roll.pick(whole)
      disk.rot(place, roll.below(bytes.length))
      rotten.set(hashOf(disk.files().get(place) ?? bytes), bytes)
      return trackId
    },
    beforeRot: (bytes) => rotten.get(hashOf(bytes)),
    describe,
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The visible files of the library, by name. */
export function libraryFiles({ computer }: World): Map<string, Buffer> {
  const { library } = computer
  const files = [...computer.disk.files()].filter(([place]) => place.startsWith(`${library}/`))
  return new Map(
    files
      .map(([place, bytes]) => [place.slice(library.length + 1), bytes] as const)
      .filter(([name]) => !name.startsWith('.')),
  )
}

/** The music in the folder of the crate, by place. */
export function crateFiles({ computer }: World): Map<string, Buffer> {
  const isMusic = (place: string) => !path.basename(place).startsWith('.') && !place.endsWith('.m3u8')
  return new Map([...computer.disk.files()].filter(([place]) => place.startsWith(`${CRATE}/`) && isMusic(place)))
}

export function stagedFiles({ computer }: World): string[] {
  const folders = [`${STAGING}/`, `${computer.library}/.mixmint-staging/`]
  return [...computer.disk.files().keys()].filter((place) => folders.some((folder) => place.startsWith(folder)))
}

/**
 * Every visible file of the library is one of those that were sold, whole or with a byte that it lost by itself; with `mayKeepNames`, or an
 * empty one that keeps a name.
 */
export function assertNoneCorrupt(world: World, { mayKeepNames = false } = {}): void {
  const sold = world.server.sold.flatMap(filesOf)
  for (const [name, bytes] of [...libraryFiles(world), ...crateFiles(world)])
    if (
      !sold.some((whole) => whole.equals(bytes)) &&
      world.beforeRot(bytes) === undefined &&
      !(mayKeepNames && bytes.length === 0)
    )
      throw new Error(`${name} is corrupt: ${bytes.length} bytes of ${[...libraryFiles(world).keys()]}`)
}

/** The files that may come of what was sold: itself, and the tracks of a pack. */
function filesOf({ bytes, contents }: SimulatedObject): Buffer[] {
  return [bytes, ...tracksOf({ bytes, contents })]
}

/** The tracks that it brings: itself, or those of a pack. */
export function tracksOf({ bytes, contents }: Pick<SimulatedObject, 'bytes' | 'contents'>): Buffer[] {
  return contents?.map(({ offset, sizeBytes }) => bytes.subarray(offset, offset + sizeBytes)) ?? [bytes]
}

/** Rows of the queue straight from the database, as a process that starts finds them. */
export function queueRows({ computer }: World): { id: string; status: string; contentId: string }[] {
  return computer.db
    .prepare('select id, status, content_id from downloads')
    .all()
    .map((row) => ({ id: String(row['id']), status: String(row['status']), contentId: String(row['content_id']) }))
}

/** What is called done lies in the library as it was sold, but for a byte that it lost by itself, and for what the user `removed`. */
export function assertDoneIsThere(world: World, removed: ReadonlySet<string> = new Set()): void {
  const files = [...libraryFiles(world).values()].map((bytes) => world.beforeRot(bytes) ?? bytes)
  for (const { status, contentId } of queueRows(world)) {
    if (status !== 'done' || removed.has(contentId)) continue
    const offers = world.server.sold.filter((object) => object.contentId === contentId)
    const isHere = offers.some((offer) => tracksOf(offer).every((track) => files.some((bytes) => track.equals(bytes))))
    if (!isHere) throw new Error('A download is done, and its file is not there')
  }
}

/** The end of a run on which everything that was asked for arrived: once, right, known, and paid for once. */
export function assertAllArrived(
  world: World,
  wanted: readonly SimulatedObject[],
  { mayHaveCopies = false } = {},
): void {
  assertNoneCorrupt(world, { mayKeepNames: mayHaveCopies && !world.computer.disk.canLink })
  assertDoneIsThere(world)
  const rows = queueRows(world)
  expect(rows.map(({ status }) => status)).toEqual(wanted.map(() => 'done'))
  expect(rows.map(({ contentId }) => contentId).sort()).toEqual(wanted.map(({ contentId }) => contentId).sort())
  if (!mayHaveCopies)
    expect([...libraryFiles(world).keys()], 'files of the library').toHaveLength(wanted.flatMap(tracksOf).length)
  expect(stagedFiles(world)).toEqual([])
  for (const object of wanted) assertKnown(world, object)
  expect(world.computer.db.prepare('select * from publications').all(), 'announced files').toEqual([])
}

/** The database knows each of its tracks by the file that is the track. */
function assertKnown(world: World, { contentId, bytes, contents }: SimulatedObject): void {
  const find = world.computer.db.prepare('select file_name from local_files where track_id = ?')
  const trackIds = contents?.map(({ trackId }) => trackId) ?? [contentId]
  for (const [index, track] of tracksOf({ bytes, contents }).entries()) {
    const name = find.get(trackIds[index] ?? '')?.['file_name']
    if (!libraryFiles(world).get(String(name))?.equals(track))
      throw new Error(`${name} is not the track that it is for`)
  }
}

const ENDED: readonly string[] = ['done', 'cancelled', 'ended']

/** True for the states in which nothing moves a download any more. */
export function hasEndedInQueue(status: string): boolean {
  return ENDED.includes(status)
}
