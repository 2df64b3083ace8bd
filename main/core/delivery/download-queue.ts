import type { Download } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { toDatabaseDiskError } from '../library/disk.ts'
import { inTransaction } from '../library/rows.ts'
import { withoutSync } from '../local-db/unsynced-writes.ts'
import type { MeteredWatch, SignInWatch } from '../needs.ts'
import { createAttemptReports } from './attempt-reports.ts'
import { discardDownload } from './discard-download.ts'
import { type DownloadCommand, type DownloadEvent, hasEnded, isUnderWay, mayCommand, step } from './download-machine.ts'
import { createDownloadRuns, type RunsNeeds } from './download-runs.ts'
import type { EffectiveLimit } from './effective-limit.ts'
import { enqueue, type Wanted } from './enqueue.ts'
import { createLiveDownloads } from './live-downloads.ts'
import { createMeteredGate } from './metered-gate.ts'
import { createQueueCures } from './queue-cures.ts'
import { CONCERNS_ALL, isQueueHeld } from './queue-holds.ts'
import { createQueueOrder } from './queue-order.ts'
import { placeBefore, waitingAt } from './queue-places.ts'
import { createRetryAlarm } from './retry-alarm.ts'
import { concernsTheServer, isTimed, LONGEST_RETRY_AFTER_MS, type WaitingStatus } from './retry-rules.ts'
import {
  countIn,
  countUnderWay,
  type DownloadRow,
  findDownload,
  isQueuePaused,
  listDownloads,
  listIn,
  listLimited,
  listOrder,
  listThese,
  listUnderWay,
  listUnremoved,
  nextQueued,
  removeEnded,
  saveDownload,
  setQueuePaused,
} from './rows.ts'
import type { RunHooks } from './run-download.ts'
import { createServerBreaker } from './server-breaker.ts'
import type { SpeedLimits } from './speed-limits.ts'

/** What was true of network, drive, folder and connection the last time says nothing about today. */
const CURED_AT_START: readonly WaitingStatus[] = [
  'waiting-for-network',
  'waiting-for-drive',
  'needs-folder',
  'needs-consent',
]
/** Before what the database could not take is written again. */
const WRITE_AGAIN_MS = 5_000
/** Changes at once that are told as one. */
const MANY = 20

export interface QueueNeeds extends RunsNeeds {
  readonly emit: (event: CoreEvent) => void
  /** Hears of each download that arrived. */
  readonly onArrived: (content: ContentRef) => void
  readonly metered: MeteredWatch
  readonly limits: Pick<SpeedLimits, 'effective' | 'setDownloadLimit' | 'onChange'>
  /** Absent where nothing signs in. */
  readonly signIn?: SignInWatch | undefined
  /** Hears that what is to come has grown. */
  readonly onGrown: () => void
}

export interface QueueList {
  readonly downloads: Download[]
  readonly isPaused: boolean
  readonly bytesPerSecond: number
  readonly limit: EffectiveLimit
  readonly asksAboutMetered: boolean
}

/** The downloads of one account: runs at most as many at once as the settings say, and keeps everything on disk. */
export interface DownloadQueue {
  start(wanted: Wanted): Download
  /** Queues many in one step: all are on disk when it returns, or none. */
  startAll(wanted: readonly Wanted[]): Download[]
  /** With `ids` these alone. */
  list(ids?: readonly string[]): QueueList
  /** Throws `not-found`, `not-downloadable`. */
  command(id: string, command: DownloadCommand): Download
  /** Puts one that waits at a place among those that wait. Throws `not-found`. */
  move(id: string, place: number): void
  /** Puts one before all others that wait. Throws `not-found`, `not-downloadable`. */
  next(id: string): Download
  /** Begins one at once; where all places are taken, the youngest run goes back to the queue. Throws `not-found`, `not-downloadable`. */
  now(id: string): Download
  /** Bytes per second of one alone; null: no limit, 0 holds it. Throws `not-found`. */
  limit(id: string, bytesPerSecond: number | null): Download
  answerMetered(mayUse: boolean): void
  /** The computer has slept, or its network is another one: connections begin anew, and nothing counts as a failure. */
  reconnect(): void
  pauseAll(): void
  resumeAll(): void
  clearFinished(): void
  isPaused(): boolean
  /** The bytes of a download that are here now, which may be more than its row says. */
  receivedBytes(id: string): number
  /** Ends every run, with what is here kept, and returns when the database may be closed. */
  close(): Promise<void>
}

/** Takes the queue up where it was left, by choice or by force. */
export function openDownloadQueue(needs: QueueNeeds): DownloadQueue {
  const { db, clock, log, network, settings, limits } = needs
  const order = createQueueOrder(listOrder(db))
  const live = createLiveDownloads({ db, clock, order, emit: needs.emit, onTold: fill })
  const runs = createDownloadRuns(needs, { hooks: hooksOf, dispatch, onEnd: live.ends, receivedBytes })
  const reports = createAttemptReports(needs)
  const breaker = createServerBreaker(LONGEST_RETRY_AFTER_MS)
  const heldUntil = () => breaker.heldUntil(clock.now())
  const holds = { db, network, heldUntil, limit: () => limits.effective().bytesPerSecond }
  const alarm = createRetryAlarm({ db, clock, heldUntil, onDue: retryDue })
  const cures = createQueueCures({
    ...needs,
    onCured: cureAll,
    onRoom: (id) => dispatch(id, { type: 'cured', of: 'needs-space' }),
  })
  const metered = createMeteredGate(needs.metered, () => settings.get().onMetered, reconsider)
  const background = new Set<Promise<void>>()
  /** Events that wait for a database that takes them. */
  const unwritten = new Set<() => void>()
  let isClosed = false

  for (const row of listUnderWay(db)) change(row, { type: 'suspended' })
  for (const of of CURED_AT_START) changeAll(listIn(db, of), { type: 'cured', of })
  for (const { id, bytesPerSecondLimit } of listLimited(db)) limits.setDownloadLimit(id, bytesPerSecondLimit)
  const stopListening = [
    network.onChange((isOnline) => {
      if (!isOnline || isClosed) return
      cureAll('waiting-for-network')
      // What was queued meanwhile waits for nothing else.
      fill()
      reports.send()
    }),
    settings.onChange(() => reconsider()),
    limits.onChange(() => reconsider()),
    needs.signIn?.onChange(wakeSignedIn) ?? (() => {}),
  ]
  wakeSignedIn()
  cures.watch()
  cures.lookForRoom()
  removeLeftovers()
  reports.send()
  fill()
  alarm.set()

  /** Saves what an event makes of a row; the effects are the caller's. */
  function change(row: DownloadRow, event: DownloadEvent) {
    const [state, effects] = step(row, event, clock.now())
    if (state === row) return { row, effects }
    const end = hasEnded(state.status)
      ? { finishedAt: row.finishedAt ?? clock.now(), segments: '' }
      : { finishedAt: null }
    const next = { ...row, ...state, ...live.kept(row.id), ...end }
    // A run that is under way is found again by what its queue entry was before, and what it published by its announcement.
    if (isUnderWay(next.status) || event.type === 'finished') withoutSync(db, () => saveDownload(db, next))
    else saveDownload(db, next)
    if (hasEnded(next.status)) order.remove(next.id)
    return { row: next, effects }
  }

  /** The same for many, in one write; for events that have no effects. */
  function changeAll(rows: readonly DownloadRow[], event: DownloadEvent): DownloadRow[] {
    if (rows.length === 0) return []
    return inTransaction(db, () => rows.map((row) => change(row, event).row))
  }

  /** What happens by itself is not lost where the database can not take it, as on a full disk: it is tried again. */
  function dispatch(id: string, event: DownloadEvent): void {
    try {
      apply(id, event)
    } catch (error) {
      writeLater(error, () => dispatch(id, event))
    }
  }

  function writeLater(error: unknown, write: () => void): void {
    const cause = toDatabaseDiskError(error)
    if (cause === null) throw error
    log.warn({ code: cause.code }, 'the queue could not be written; it is tried again')
    const stop = clock.after(WRITE_AGAIN_MS, () => {
      unwritten.delete(stop)
      write()
    })
    unwritten.add(stop)
  }

  /** Throws what the database does; then nothing has changed. */
  function apply(id: string, event: DownloadEvent): void {
    if (!db.isOpen) return
    const before = findDownload(db, id)
    if (before === null) return
    const { row, effects } = change(before, event)
    if (row === before) return
    if (effects.includes('stop')) runs.stop(id)
    if (effects.includes('run')) runs.begin(row)
    if (effects.includes('discard')) inBackground(discard(id))
    if (event.type === 'gained') breaker.succeeded()
    if (event.type === 'failed') afterFailure(row, event.retryAfterMs)
    if (row.status !== before.status) afterChange(row)
    else if (row.retryAt !== before.retryAt) live.tell(row)
  }

  function afterChange(row: DownloadRow): void {
    live.tell(row)
    if (row.status === 'done') arrived(row)
    if (hasEnded(row.status)) cures.lookForRoom()
    if (isTimed(row.status)) alarm.set()
    if (!isUnderWay(row.status)) {
      cures.watch()
      fill()
    }
  }

  function afterFailure(row: DownloadRow, retryAfterMs: number | null): void {
    const code = row.reason?.code
    if (code === undefined) return
    if (row.status === 'waiting-for-network') inBackground(probe(row.id))
    if (!concernsTheServer(code) || row.retryAt === null) return
    breaker.failed(row.id, row.retryAt, code === 'rate-limited' || retryAfterMs !== null)
    const until = heldUntil()
    if (until === null) return
    for (const other of listIn(db, 'stalled'))
      if (other.reason !== null && concernsTheServer(other.reason.code))
        dispatch(other.id, { type: 'postponed', until })
    alarm.set()
  }

  /** A transfer that broke says little about the network: the server is asked. */
  async function probe(id: string): Promise<void> {
    if (network.check === undefined || !(await network.check()) || isClosed) return
    dispatch(id, { type: 'server-reached' })
  }

  function arrived(row: DownloadRow): void {
    breaker.succeeded()
    needs.emit({ type: 'library.changed' })
    needs.onArrived(row.content)
    reports.send()
  }

  function cureAll(of: WaitingStatus): void {
    if (isClosed || !db.isOpen) return
    let changed: DownloadRow[] = []
    try {
      changed = changeAll(listIn(db, of), { type: 'cured', of })
    } catch (error) {
      writeLater(error, () => cureAll(of))
      return
    }
    if (changed.length > MANY) needs.emit({ type: 'delivery.changed' })
    else for (const row of changed) live.tell(row)
    if (changed.length > 0) fill()
  }

  function wakeSignedIn(): void {
    if (needs.signIn?.isReady() === false) return
    cureAll('needs-sign-in')
    cureAll('needs-device')
  }

  /** The settings, the limit or the connection are others: what may not run is put back, what may is begun. */
  function reconsider(): void {
    if (isClosed) return
    if (!metered.mayUse()) for (const { id } of listUnderWay(db)) dispatch(id, { type: 'metered' })
    else cureAll('needs-consent')
    if (holds.limit() === 0) suspendAll()
    fill()
    needs.emit({ type: 'delivery.changed' })
  }

  function suspendAll(): void {
    for (const { id } of listUnderWay(db)) dispatch(id, { type: 'suspended' })
  }

  function fill(): void {
    for (let free = freePlaces(); free > 0 && !isQueueHeld(holds); free--) {
      const next = nextQueued(db)
      if (next === null) return
      dispatch(next.id, metered.mayUse() ? { type: 'slot-given' } : { type: 'metered' })
    }
  }

  function freePlaces(): number {
    if (isClosed || !db.isOpen) return 0
    const taken = countUnderWay(db) + (metered.mayUse() ? 0 : countIn(db, 'needs-consent'))
    return settings.get().parallelDownloads - taken
  }

  function hooksOf({ id, format }: DownloadRow, run: number): RunHooks {
    return {
      granted(grant, staging) {
        const row = findDownload(db, id)
        // A grant that comes late may be for a format that is not wanted any more.
        if (row === null || row.format !== format) return
        const granted = {
          ...row,
          totalBytes: grant.object.sizeBytes,
          attemptsLeft: grant.entitlement.attemptsLeft,
          attemptId: grant.attempt.id,
          objectSha256: grant.object.sha256,
          contents: grant.contents,
          staging,
        }
        withoutSync(db, () => saveDownload(db, granted))
        if (row.totalBytes === null) needs.onGrown()
      },
      transferring(ledger) {
        live.begins(id, ledger)
        dispatch(id, { type: 'granted', run })
      },
      bytes: (count) => live.gained(id, count),
      segment() {
        breaker.succeeded()
        if ((findDownload(db, id)?.failures ?? 0) > 0) dispatch(id, { type: 'gained', run })
      },
      verifying: () => dispatch(id, { type: 'all-here', run }),
    }
  }

  async function discard(id: string): Promise<void> {
    await runs.ended(id)
    await discardDownload(needs, id)
    reports.send()
  }

  /** Files of what was given up, which the disk would not let go of then. */
  function removeLeftovers(): void {
    for (const id of listUnremoved(db)) inBackground(discard(id))
  }

  function inBackground(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log.error({ error }, 'work for the queue failed'))
      .finally(() => background.delete(tracked))
    background.add(tracked)
  }

  function retryDue(ids: readonly string[]): void {
    for (const id of ids)
      if (network.isOnline() || findDownload(db, id)?.status !== 'waiting-for-network') dispatch(id, { type: 'due' })
    fill()
  }

  function required(id: string): DownloadRow {
    const row = findDownload(db, id)
    if (row === null) throw new AppError('not-found')
    return row
  }

  function receivedBytes(id: string): number {
    return live.kept(id).receivedBytes ?? findDownload(db, id)?.receivedBytes ?? 0
  }

  function toFront(id: string): void {
    placeBefore(db, order, id, waitingAt(order, underWay(), id, 0))
    needs.emit({ type: 'delivery.changed' })
  }

  function underWay(): ReadonlySet<string> {
    return new Set(listUnderWay(db).map(({ id }) => id))
  }

  function put(wanted: Wanted): string {
    return enqueue({ ...needs, order, stop: (id) => dispatch(id, { type: 'pause' }) }, wanted).id
  }

  function putAll(wanted: readonly Wanted[]): string[] {
    const ids: string[] = []
    try {
      onDatabase(() =>
        inTransaction(db, () => {
          for (const one of wanted) ids.push(put(one))
        }),
      )
      return ids
    } catch (error) {
      for (const id of ids) if (findDownload(db, id) === null) order.remove(id)
      throw error
    }
  }

  function afterPut(): void {
    needs.onGrown()
    fill()
  }

  function setLimit(id: string, bytesPerSecond: number | null): void {
    saveDownload(db, { ...required(id), bytesPerSecondLimit: bytesPerSecond })
    limits.setDownloadLimit(id, bytesPerSecond)
    if (bytesPerSecond === 0) dispatch(id, { type: 'suspended' })
    live.tell(required(id))
    fill()
  }

  /** A place for `id` now, whatever else runs: where all are taken, the youngest run gives up its own. */
  function beginNow(id: string): void {
    if (holds.limit() === 0) return
    dispatch(id, metered.mayUse() ? { type: 'slot-given' } : { type: 'metered' })
    const others = new Set([...underWay()].filter((one) => one !== id))
    const least = others.size >= settings.get().parallelDownloads ? runs.youngest(others) : null
    if (least !== null) dispatch(least, { type: 'suspended' })
  }

  return {
    start(wanted) {
      const id = onDatabase(() => put(wanted))
      live.tell(required(id))
      afterPut()
      return live.view(required(id))
    },
    startAll(wanted) {
      const ids = putAll(wanted)
      needs.emit({ type: 'delivery.changed' })
      afterPut()
      return ids.map((id) => live.view(required(id)))
    },
    list(ids) {
      return {
        downloads:
          ids === undefined
            ? listDownloads(db).map((row, index) => live.view(row, index))
            : listThese(db, ids).map((row) => live.view(row)),
        isPaused: isQueuePaused(db),
        bytesPerSecond: live.bytesPerSecond(),
        limit: limits.effective(),
        asksAboutMetered: metered.asks(),
      }
    },
    command(id, command) {
      const { status } = required(id)
      if (!mayCommand(status, command)) throw new AppError('not-downloadable')
      onDatabase(() => apply(id, { type: command }))
      // What one waited for that concerns all, all try again.
      if (command === 'retry') for (const of of CONCERNS_ALL) if (of === status) cureAll(of)
      fill()
      return live.view(required(id))
    },
    move(id, place) {
      const { status } = required(id)
      if (hasEnded(status) || isUnderWay(status)) return
      placeBefore(db, order, id, waitingAt(order, underWay(), id, place))
      needs.emit({ type: 'delivery.changed' })
    },
    next(id) {
      const { status } = required(id)
      if (hasEnded(status) || isUnderWay(status)) throw new AppError('not-downloadable')
      toFront(id)
      return live.view(required(id))
    },
    now(id) {
      const { status, bytesPerSecondLimit } = required(id)
      if (hasEnded(status)) throw new AppError('not-downloadable')
      if (!isUnderWay(status)) {
        toFront(id)
        if (bytesPerSecondLimit === 0) setLimit(id, null)
        if (status !== 'queued') dispatch(id, { type: status === 'paused' ? 'resume' : 'retry' })
        beginNow(id)
      }
      return live.view(required(id))
    },
    limit(id, bytesPerSecond) {
      setLimit(id, bytesPerSecond)
      return live.view(required(id))
    },
    answerMetered: metered.answer,
    reconnect() {
      suspendAll()
      // Timers stand still in sleep, the times of the day at which something is due do not.
      alarm.set()
      fill()
    },
    pauseAll() {
      setQueuePaused(db, true)
      suspendAll()
      needs.emit({ type: 'delivery.changed' })
    },
    resumeAll() {
      setQueuePaused(db, false)
      needs.emit({ type: 'delivery.changed' })
      fill()
    },
    clearFinished() {
      removeEnded(db)
      removeLeftovers()
      needs.emit({ type: 'delivery.changed' })
    },
    isPaused: () => isQueuePaused(db),
    receivedBytes,
    async close() {
      isClosed = true
      for (const stop of stopListening) stop()
      metered.close()
      alarm.close()
      live.close()
      suspendAll()
      for (const stop of unwritten) stop()
      await runs.allEnded()
      await cures.close()
      while (background.size > 0) await Promise.all(background)
      await reports.close()
    },
  }
}

/** Runs a command; a database that can not be written is thrown as what it means for the user. */
function onDatabase<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toDatabaseDiskError(error) ?? error
  }
}
