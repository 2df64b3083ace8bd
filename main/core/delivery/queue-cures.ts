import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, freeBytes } from '../library/disk.ts'
import { canTakeFiles } from '../library/library-place.ts'
import type { LibraryVolume } from '../library/volume.ts'
import type { Clock, Log } from '../ports.ts'
import type { WaitingStatus } from './retry-rules.ts'
import { countIn, type DownloadRow, listIn, listUnderWay } from './rows.ts'
import { bytesToCome, SPARE_BYTES } from './space-rules.ts'

const DRIVE_EVERY_MS = 5_000
const SPACE_EVERY_MS = 30_000

/** Looks for what the waiting downloads wait for, where nobody tells: the drive, the folder, room on the disk. */
export interface QueueCures {
  /** Looks from now on at intervals, as long as something waits for it. */
  watch(): void
  /** Something ended that may have taken room: looks for room now. */
  lookForRoom(): void
  close(): Promise<void>
}

interface CureNeeds {
  readonly db: DatabaseSync
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  readonly volume: LibraryVolume
  readonly libraryFolder: () => string
  readonly defaultLibrary: string
  readonly accountFolder: string
  /** Hears that all that wait for one thing may go on. */
  readonly onCured: (of: WaitingStatus) => void
  /** Hears of one that there is room for now. */
  readonly onRoom: (id: string) => void
}

export function createQueueCures(needs: CureNeeds): QueueCures {
  const { db, disk, clock, volume, libraryFolder, onCured, onRoom } = needs
  const timers = new Map<'place' | 'room', () => void>()
  const looking = new Set<Promise<void>>()
  let isClosed = false

  function watch(): void {
    if (countIn(db, 'waiting-for-drive') + countIn(db, 'needs-folder') > 0) every('place', DRIVE_EVERY_MS, lookForPlace)
    if (countIn(db, 'needs-space') > 0) every('room', SPACE_EVERY_MS, lookForRoom)
  }

  function every(name: 'place' | 'room', ms: number, look: () => Promise<void>): void {
    if (isClosed || timers.has(name)) return
    timers.set(
      name,
      clock.after(ms, () => {
        timers.delete(name)
        track(look().finally(watch))
      }),
    )
  }

  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => needs.log.warn({ error }, 'what downloads wait for could not be looked at'))
      .finally(() => looking.delete(tracked))
    looking.add(tracked)
  }

  async function lookForPlace(): Promise<void> {
    const isThere = await volume.assertThere().then(
      () => true,
      (error: unknown) => {
        if (error instanceof AppError) return false
        throw error
      },
    )
    if (isClosed || !isThere) return
    onCured('waiting-for-drive')
    const isReady = await canTakeFiles(disk, libraryFolder(), needs.defaultLibrary, needs.accountFolder)
    if (!isClosed && isReady) onCured('needs-folder')
  }

  /** In the order of the queue, as many as there is room for beside those that are under way. */
  async function lookForRoom(): Promise<void> {
    const free = await freeBytes(disk, libraryFolder())
    if (isClosed || !db.isOpen) return
    let room = free === null ? Number.POSITIVE_INFINITY : free - SPARE_BYTES
    for (const row of listUnderWay(db)) room -= needed(row)
    for (const row of listIn(db, 'needs-space')) {
      if (needed(row) > room) continue
      room -= needed(row)
      onRoom(row.id)
    }
  }

  return {
    watch,
    lookForRoom() {
      if (!isClosed && countIn(db, 'needs-space') > 0) track(lookForRoom())
    },
    async close() {
      isClosed = true
      for (const stop of timers.values()) stop()
      await Promise.allSettled(looking)
    },
  }
}

function needed(row: DownloadRow): number {
  return bytesToCome(row) + (row.content.contentType === 'album' ? (row.totalBytes ?? 0) : 0)
}
