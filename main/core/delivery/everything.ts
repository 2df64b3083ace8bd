import { setImmediate as breathe } from 'node:timers/promises'
import type { Handlers } from '../../../contract/call.ts'
import type { Download, delivery, Everything } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { Disk } from '../library/disk.ts'
import type { AccountSpace, CoreNeeds } from '../needs.ts'
import type { Wanted } from './enqueue.ts'
import { outcomeOf } from './everything-outcome.ts'
import type { PlannedDownload } from './everything-plan.ts'
import { describeReport } from './everything-report.ts'
import {
  countOpenMembers,
  findStanding,
  finishBatch,
  isBatchOpen,
  listMemberKeys,
  listOpenMembers,
  markQueued,
  type OpenMember,
  readEverything,
  saveBatch,
  saveOutcome,
} from './everything-rows.ts'
import { readPlan, spaceFor } from './everything-space.ts'

/** What of the queue it uses: both leave alone what is on its way already. */
export interface QueueDoor {
  startAll(wanted: readonly Wanted[]): Download[]
  command(id: string, command: 'resume'): Download
}

export interface EverythingParts {
  readonly disk: Disk
  /** Asks the server what the account owns. Throws `offline`, `not-signed-in`. */
  readonly refreshOwned: () => Promise<void>
  /** Finds the library's drive: what is here is not known without it. Throws `drive-missing`. */
  readonly findDrive: () => Promise<void>
  /** The queue of the account in use. Throws `not-signed-in`. */
  readonly queue: () => Promise<QueueDoor>
}

/** Downloads that are queued in one step. */
const AT_ONCE = 100
type EverythingCalls = 'planEverything' | 'downloadEverything' | 'everything'

export interface EverythingDownload {
  readonly handlers: Pick<Handlers<typeof delivery, 'desktop', undefined>, EverythingCalls>
  /** Hears what the queue tells. */
  heard(event: CoreEvent): void
  close(): Promise<void>
}

/**
 * "Download everything I own": a batch that is kept in the account's database, goes on after a restart, and ends with one report and one
 * notification. How many go at once, and when the server wants to be left alone, is the queue's concern.
 */
export function createEverything(
  needs: CoreNeeds,
  { disk, refreshOwned, findDrive, queue }: EverythingParts,
): EverythingDownload {
  /** Contents of the batch that is open, so that most events cost no look at the database. */
  let members = new Set<string>()
  let stopping = new AbortController()
  let queueing: Promise<void> = Promise.resolve()
  let beginning: Promise<unknown> = Promise.resolve()

  const stopFollowing = needs.onAccountChange(async (account) => {
    if (account === null) return await stop()
    if (!isBatchOpen(account.db)) return
    members = new Set(listMemberKeys(account.db))
    queueInBackground(account)
  })

  async function stop(): Promise<void> {
    stopping.abort()
    stopping = new AbortController()
    members = new Set()
    await queueing
  }

  function queueInBackground(account: AccountSpace): void {
    const { signal } = stopping
    queueing = queueing
      .then(() => queueOpen(account, signal))
      .catch((error: unknown) => needs.log.warn({ error }, 'what is owned could not be queued'))
  }

  /** Queues what is open and not queued yet, some at a time so that nothing else has to wait. */
  async function queueOpen({ db }: AccountSpace, signal: AbortSignal): Promise<void> {
    const open = await queue()
    const members = listOpenMembers(db)
    for (let first = 0; first < members.length; first += AT_ONCE) {
      if (signal.aborted || !db.isOpen) return
      queueSome(db, open, members.slice(first, first + AT_ONCE))
      await breathe()
    }
    if (!signal.aborted && db.isOpen) finishIfComplete(db)
  }

  function queueSome(db: AccountSpace['db'], open: QueueDoor, members: readonly OpenMember[]): void {
    const unqueued = members.filter(({ isQueued, standing }) => !isQueued || standing === null)
    const downloads = open.startAll(unqueued.map((member) => ({ ...member, isUnasked: true })))
    markQueued(
      db,
      unqueued.map(({ content }) => content),
    )
    for (const { id, status } of downloads) if (status === 'paused') open.command(id, 'resume')
    for (const { content, isQueued, standing } of members) {
      const outcome = isQueued && standing !== null ? outcomeOf(standing) : null
      if (outcome !== null) saveOutcome(db, content, outcome)
    }
  }

  function heard(event: CoreEvent): void {
    if (event.type !== 'delivery.progressed') return
    const { content, status } = event.download
    // Progress is told four times a second; only ends, and what begins again, are looked at.
    if (!members.has(keyOf(content)) || status === 'downloading' || status === 'verifying') return
    const account = needs.accountOrNull()
    if (account === null || !account.db.isOpen) return
    const standing = findStanding(account.db, content)
    const outcome = standing === null ? null : outcomeOf(standing)
    // What the user tries again is open again; what tries again by itself after many failures stays in the report until it arrives.
    if (outcome === null && (standing?.failures ?? 0) > 0) return
    saveOutcome(account.db, content, outcome)
    if (outcome !== null) finishIfComplete(account.db)
  }

  function finishIfComplete(db: AccountSpace['db']): void {
    if (!isBatchOpen(db) || countOpenMembers(db) > 0) return
    finishBatch(db, needs.clock.now())
    members = new Set()
    const everything = readEverything(db)
    if (everything === null) return
    const { title, body } = describeReport(everything)
    needs.notices.add('everything-finished', body)
    needs.shell.notify(title, body)
    needs.emit({ type: 'delivery.changed' })
  }

  /** What is to be fetched and whether it fits, by what the server says now. */
  async function plan({ db }: AccountSpace) {
    await findDrive()
    const libraryFolder = needs.libraryFolder()
    const { downloads, areHere } = await readPlan(disk, db, libraryFolder)
    const isDefault = libraryFolder === needs.folders.defaultLibrary
    return { downloads, areHere, space: await spaceFor(disk, db, { libraryFolder, isDefault }, downloads) }
  }

  /** Runs `work` for the account in use after its list was read anew; `not-signed-in` when it ends meanwhile. */
  async function forAccount<T>(work: (account: AccountSpace) => Promise<T>): Promise<T> {
    const account = needs.account()
    try {
      await refreshOwned()
      return await work(needs.account())
    } catch (error) {
      throw needs.accountOrNull() === account
        ? error
        : new AppError('not-signed-in', undefined, undefined, { cause: error })
    }
  }

  async function begin(account: AccountSpace): Promise<Everything> {
    const { db } = account
    const { downloads, areHere, space } = await plan(account)
    if (needs.accountOrNull() !== account) throw new AppError('not-signed-in')
    const { missingBytes } = space
    if (missingBytes > 0)
      throw new AppError('disk-full', `${Math.ceil(missingBytes / 1e6)} MB more are needed on the disk`, {
        missingBytes,
      })
    const wanted = isBatchOpen(db) ? notOpenYet(db, downloads) : downloads
    saveBatch(db, wanted, { startedAt: needs.clock.now(), wereHere: areHere })
    members = new Set(listMemberKeys(db))
    queueInBackground(account)
    if (members.size === 0) await queueing
    const everything = readEverything(db)
    if (everything === null) throw new Error('the batch that began is not there')
    return everything
  }

  /** Two who ask at the same time get the same batch. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = beginning.then(work)
    beginning = turn.catch(() => {})
    return turn
  }

  return {
    heard,
    async close() {
      stopFollowing()
      await stop()
    },
    handlers: {
      planEverything: () =>
        forAccount(async (account) => {
          const { downloads, areHere, space } = await plan(account)
          return { downloads: downloads.length, areHere, ...space }
        }),
      downloadEverything: () => inTurn(() => forAccount(begin)),
      everything: async () => ({ everything: readEverything(needs.account().db) }),
    },
  }
}

/** Without those that a batch which goes on has open already. */
function notOpenYet(db: AccountSpace['db'], downloads: readonly PlannedDownload[]): PlannedDownload[] {
  const open = new Set(listOpenMembers(db).map(({ content }) => keyOf(content)))
  return downloads.filter(({ content }) => !open.has(keyOf(content)))
}

function keyOf({ contentType, contentId }: ContentRef): string {
  return `${contentType}/${contentId}`
}
