import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Handlers } from '../../../contract/call.ts'
import type { delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { type Disk, realDisk } from '../library/disk.ts'
import { listOwnedRows } from '../library/rows.ts'
import type { AccountSpace, CoreNeeds } from '../needs.ts'
import { createBandwidthLimit } from './bandwidth-limit.ts'
import { type DownloadQueue, openDownloadQueue, type Wanted } from './download-queue.ts'
import { recoverDownloads } from './recover-downloads.ts'
import { TIMINGS, type TransferTimings } from './timings.ts'

export interface DeliveryOptions {
  readonly disk?: Disk
  readonly timings?: TransferTimings
  /** Hears of each download that arrived in the library. */
  readonly onArrived?: (content: ContentRef) => void
  /** Asks the server again what the account owns, for the names of files. */
  readonly refreshOwned?: () => Promise<void>
}

export interface Delivery {
  readonly handlers: Handlers<typeof delivery, 'desktop', undefined>
  /** Queues what is wanted; what is queued already is left as it is. Throws `not-signed-in`. */
  start(content: ContentRef): void
  close(): Promise<void>
}

/** The downloads of the account in use: its queue runs while it is in use, and stops when it is not. */
export function createDelivery(needs: CoreNeeds, options: DeliveryOptions = {}): Delivery {
  const { disk = realDisk, timings = TIMINGS, onArrived = () => {}, refreshOwned = async () => {} } = options
  const { clock, settings } = needs
  const agent = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }
  const limit = createBandwidthLimit(clock, () => settings.get().bandwidthLimit)
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

  async function openFor({ db, folder }: AccountSpace): Promise<DownloadQueue> {
    await recoverDownloads({ ...needs, disk, db, accountFolder: folder })
    return openDownloadQueue({
      ...needs,
      db,
      disk,
      timings,
      agent,
      limit,
      onArrived,
      refreshOwned,
      accountFolder: folder,
      defaultLibrary: needs.folders.defaultLibrary,
      leftAt: new Map(),
    })
  }

  async function queue(): Promise<DownloadQueue> {
    if (current === null) throw new AppError('not-signed-in')
    return await current.queue
  }

  /** The words of the list of what is owned, where the caller brings none. */
  function describe(content: ContentRef): Pick<Wanted, 'title' | 'artist' | 'cover'> {
    const item = listOwnedRows(needs.account().db).find(
      ({ contentType, contentId }) => contentType === content.contentType && contentId === content.contentId,
    )
    const { title = '', track, pack } = item ?? {}
    return { title, artist: track?.artist ?? pack?.dj.name ?? '', cover: track?.cover ?? pack?.cover ?? null }
  }

  return {
    start(content) {
      queue()
        .then((open) => open.start({ content, ...describe(content) }))
        .catch((error: unknown) => needs.log.warn({ error }, 'a download could not be queued'))
    },
    async close() {
      stopFollowing()
      const ending = current
      current = null
      if (ending !== null) await (await ending.queue).close()
      agent.http.destroy()
      agent.https.destroy()
    },
    handlers: {
      async start(_, { contentType, contentId, title, artist, cover }) {
        const content = { contentType, contentId }
        const known = describe(content)
        const words = { title: title ?? known.title, artist: artist ?? known.artist, cover: cover ?? known.cover }
        return (await queue()).start({ content, ...words })
      },
      list: async () => (await queue()).list(),
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
