import { availableParallelism } from 'node:os'
import type { Handlers } from '../../../contract/call.ts'
import type { delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { volumeParents } from '../app/volume-parents.ts'
import { type Disk, freeBytes, realDisk } from '../library/disk.ts'
import { createLibraryVolume } from '../library/volume.ts'
import { movePaths } from '../library/volume-rows.ts'
import type { WantedAgain } from '../library/wanted-again.ts'
import type { AccountSpace, CoreNeeds } from '../needs.ts'
import type { Carrier } from './bytes/carrier.ts'
import { openCarrier } from './bytes/open-carrier.ts'
import { openWorkerCarrier } from './bytes/worker-carrier.ts'
import type { CopyFolder } from './copies-plan.ts'
import { countedCarrier } from './counted-carrier.ts'
import { describeDownload } from './diagnosis.ts'
import { openDownloadQueue } from './download-queue.ts'
import { toInstant } from './download-view.ts'
import type { Wanted } from './enqueue.ts'
import { createEverything } from './everything.ts'
import { findOwnedWords } from './plan-rows.ts'
import type { DownloadQueue } from './queue-interface.ts'
import { planQueue } from './queue-plan.ts'
import { recoverDownloads } from './recover-downloads.ts'
import { findDownload } from './rows.ts'
import { createSegmentJournal } from './segment-journal.ts'
import { createSpaceWatch } from './space-watch.ts'
import { createSpeedLimits } from './speed-limits.ts'
import { TIMINGS, type TransferTimings } from './timings.ts'

/** Threads that fetch, hash and write; more bring nothing on the lines there are. */
const MOST_THREADS = 4

export interface DeliveryOptions {
  readonly disk?: Disk
  readonly timings?: TransferTimings
  /** What brings the bytes; left out: worker threads, or this thread for a disk that is not the system's. */
  readonly carrier?: Carrier
  /** Hears of each download that arrived in the library. */
  readonly onArrived?: (content: ContentRef) => void
  /** Asks the server again what the account owns, for the names of files. */
  readonly refreshOwned?: () => Promise<void>
  /** Folders outside the library that files are put into when they have come. */
  readonly copyFolders?: () => readonly CopyFolder[]
  /** Folders in which this system mounts volumes. */
  readonly volumeParents?: readonly string[]
}

export interface Delivery {
  readonly handlers: Handlers<typeof delivery, 'desktop', undefined>
  /** Queues what is wanted; what is queued already is left as it is. Throws `not-signed-in`. */
  start(content: ContentRef): void
  /** Queues what brings a broken file back and answers the download's id. Throws `not-signed-in`. */
  again(wanted: WantedAgain): Promise<string>
  /** Finds the library's drive where it is mounted now; everything that is remembered by its place follows. Throws `drive-missing`. */
  findDrive(): Promise<void>
  /** The computer has slept, or is on another network: connections begin anew at once, and nothing counts as a failure. */
  reconnect(): void
  close(): Promise<void>
}

/** The downloads of the account in use: its queue runs while it is in use, and stops when it is not. */
export function createDelivery(needs: CoreNeeds, options: DeliveryOptions = {}): Delivery {
  const { disk = realDisk, timings = TIMINGS, onArrived = () => {}, refreshOwned = async () => {} } = options
  const { copyFolders = () => [] } = options
  const { clock, settings } = needs
  const limits = createSpeedLimits({ clock, settings })
  const carrier = countedCarrier(options.carrier ?? carrierFor(disk), limits.noteTaken)
  const volume = createLibraryVolume({
    disk,
    random: needs.random,
    settings,
    libraryFolder: needs.libraryFolder,
    dataFolder: needs.folders.data,
    volumeParents: options.volumeParents ?? volumeParents(),
    onMoved: libraryMoved,
  })
  const space = createSpaceWatch({ ...needs, plan })
  let current: { readonly account: AccountSpace; readonly queue: Promise<DownloadQueue> } | null = null

  const stopFollowing = needs.onAccountChange(async (account) => {
    const ending = current
    current = null
    if (ending !== null) await (await ending.queue).close()
    if (account === null) return
    const queue = openFor(account)
    current = { account, queue }
    await queue
  })

  function carrierFor(place: Disk): Carrier {
    if (place !== realDisk) return openCarrier({ clock, timings })
    return openWorkerCarrier({ timings, threads: Math.min(MOST_THREADS, availableParallelism()) })
  }

  async function openFor({ db, folder }: AccountSpace): Promise<DownloadQueue> {
    // A drive that is mounted elsewhere now is found before anything is looked for on it; one that is missing is told by the first run.
    await volume.assertThere().catch(() => {})
    await recoverDownloads({ ...needs, disk, db, accountFolder: folder })
    return openDownloadQueue({
      ...needs,
      emit(event) {
        needs.emit(event)
        everything.heard(event)
      },
      db,
      disk,
      timings,
      carrier,
      limits,
      paceOf: limits.forDownload,
      volume,
      onArrived,
      onGrown: space.look,
      refreshOwned,
      accountFolder: folder,
      defaultLibrary: needs.folders.defaultLibrary,
      leftAt: new Map(),
    })
  }

  async function findDrive(): Promise<void> {
    await volume.assertThere().catch((error: unknown) => {
      // Anything else that is wrong with the folder is told by whoever wants to write there.
      if (error instanceof AppError && error.code === 'drive-missing') throw error
    })
  }

  async function queue(): Promise<DownloadQueue> {
    if (current === null) throw new AppError('not-signed-in')
    return await current.queue
  }

  const everything = createEverything(needs, { disk, refreshOwned, findDrive, queue })

  function libraryMoved(from: string, to: string): void {
    const account = needs.accountOrNull()
    if (account !== null) movePaths(account.db, from, to)
    needs.emit({ type: 'settings.changed' })
    needs.emit({ type: 'library.changed' })
  }

  async function plan() {
    const open = await queue()
    return await planQueue({
      disk,
      db: needs.account().db,
      volume,
      libraryFolder: needs.libraryFolder,
      dataFolder: needs.folders.data,
      keepsPackZips: () => settings.get().keepPackZips,
      receivedBytes: open.receivedBytes,
      copyFolders,
    })
  }

  async function diagnose(downloadId: string): Promise<string> {
    const open = await queue()
    const { db } = needs.account()
    const row = findDownload(db, downloadId)
    if (row === null) throw new AppError('not-found')
    const { parallelDownloads, connectionsPerFile } = settings.get()
    return describeDownload(row, {
      version: needs.version,
      now: clock.now(),
      isOnline: needs.network.isOnline(),
      isQueuePaused: open.isPaused(),
      receivedBytes: open.receivedBytes(downloadId),
      verifiedSegments: createSegmentJournal(db, downloadId).read().length,
      freeBytes: await freeBytes(disk, needs.libraryFolder()),
      bytesPerSecondLimit: limits.effective().bytesPerSecond,
      parallelDownloads,
      connectionsPerFile,
    })
  }

  /** The words of the list of what is owned, where the caller brings none. */
  function describe(content: ContentRef): Pick<Wanted, 'title' | 'artist' | 'cover'> {
    return findOwnedWords(needs.account().db, content)
  }

  return {
    start(content) {
      queue()
        .then((open) => open.start({ content, ...describe(content), format: null }))
        .catch((error: unknown) => needs.log.warn({ error }, 'a download could not be queued'))
    },
    async again({ content, format, broken }) {
      const open = await queue()
      const objectSha256 = broken[0]?.sha256
      return open.start({ content, ...describe(content), format, isUnasked: true, objectSha256 }).id
    },
    findDrive,
    reconnect() {
      void current?.queue.then((open) => open.reconnect())
    },
    async close() {
      await everything.close()
      await space.close()
      stopFollowing()
      const ending = current
      current = null
      if (ending !== null) await (await ending.queue).close()
      limits.close()
      await carrier.close()
    },
    handlers: {
      ...everything.handlers,
      async start(_, { contentType, contentId, title, artist, cover, format = null }) {
        const content = { contentType, contentId }
        const known = describe(content)
        const words = { title: title ?? known.title, artist: artist ?? known.artist, cover: cover ?? known.cover }
        return (await queue()).start({ content, ...words, format })
      },
      async list(_, { ids }) {
        const { limit, ...list } = (await queue()).list(ids)
        return { ...list, limit: { ...limit, until: toInstant(limit.until) } }
      },
      downloadNext: async (_, { downloadId }) => (await queue()).next(downloadId),
      downloadNow: async (_, { downloadId }) => (await queue()).now(downloadId),
      limitDownload: async (_, { downloadId, bytesPerSecond }) => (await queue()).limit(downloadId, bytesPerSecond),
      plan: async () => ({ volumes: await plan() }),
      async answerMetered(_, { mayUse }) {
        const open = await queue()
        open.answerMetered(mayUse)
        return { done: true }
      },
      diagnose: async (_, { downloadId }) => ({ text: await diagnose(downloadId) }),
      pause: async (_, { downloadId }) => (await queue()).command(downloadId, 'pause'),
      resume: async (_, { downloadId }) => (await queue()).command(downloadId, 'resume'),
      retry: async (_, { downloadId }) => (await queue()).command(downloadId, 'retry'),
      cancelDownload: async (_, { downloadId }) => (await queue()).command(downloadId, 'cancel'),
      async move(_, { downloadId, position }) {
        const open = await queue()
        open.move(downloadId, position)
        return { done: true }
      },
      async pauseAll() {
        const open = await queue()
        open.pauseAll()
        return { done: true }
      },
      async resumeAll() {
        const open = await queue()
        open.resumeAll()
        return { done: true }
      },
      async clearFinished() {
        const open = await queue()
        open.clearFinished()
        return { done: true }
      },
    },
  }
}
