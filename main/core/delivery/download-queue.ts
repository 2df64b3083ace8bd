import type { Download } from '../../../contract/delivery.ts'
import { AppError, ERRORS } from '../../../contract/errors.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { Log } from '../ports.ts'
import { sendReports } from './attempt-reports.ts'
import {
  type DownloadCommand,
  type DownloadEvent,
  hasEnded,
  isUnderWay,
  mayCommand,
  NEW_DOWNLOAD,
  step,
} from './download-machine.ts'
import { keptProgress, type LiveProgress, toDownloadView } from './download-view.ts'
import { isDamagedHere } from './publish-download.ts'
import { createRateMeter } from './rate-meter.ts'
import { LONGEST_RETRY_AFTER_MS } from './retry-rules.ts'
import {
  countUnderWay,
  type DownloadRow,
  findDownload,
  findDownloadOf,
  isQueuePaused,
  lastPosition,
  listDownloads,
  listWaiting,
  nextQueued,
  placeOf,
  removeEnded,
  removeSegments,
  saveDownload,
  saveReport,
  setQueuePaused,
} from './rows.ts'
import { type RunHooks, type RunNeeds, runDownload } from './run-download.ts'
import { removeStaged } from './sidecar.ts'

/** Between two reports of progress of one download. */
const PROGRESS_MS = 250

export interface QueueNeeds extends RunNeeds {
  readonly log: Log
  readonly emit: (event: CoreEvent) => void
  /** Hears of each download that arrived. */
  readonly onArrived: (content: ContentRef) => void
}

/** What is wanted, with the words to show while nothing more is known. */
export interface Wanted {
  readonly content: ContentRef
  readonly title: string
  readonly artist: string
  readonly cover: string | null
}

/** The downloads of one account: runs at most as many at once as the settings say, and keeps everything on disk. */
export interface DownloadQueue {
  start(wanted: Wanted): Download
  list(): { downloads: Download[]; isPaused: boolean; bytesPerSecond: number }
  /** Throws `not-found`, `not-downloadable`. */
  command(id: string, command: DownloadCommand): Download
  /** Throws `not-found`. */
  move(id: string, position: number): void
  pauseAll(): void
  resumeAll(): void
  clearFinished(): void
  /** Ends every run, with what is here kept, and returns when the database may be closed. */
  close(): Promise<void>
}

interface Run {
  readonly number: number
  readonly controller: AbortController
  readonly ended: Promise<void>
}

/** Takes the queue up where it was left, by choice or by force. */
export function openDownloadQueue(needs: QueueNeeds): DownloadQueue {
  const { db, clock, log } = needs
  const runs = new Map<string, Run>()
  const live = new Map<string, LiveProgress>()
  const toldAt = new Map<string, number>()
  const tellLater = new Map<string, () => void>()
  const background = new Set<Promise<void>>()
  let isClosed = false
  let stopWaking: () => void = () => {}

  for (const row of listDownloads(db)) change(row, { type: 'suspended' })
  // The network of the last time says nothing about that of today.
  for (const row of listWaiting(db)) change(row, { type: 'came-online' })
  const stopListening = needs.network.onChange((isOnline) => {
    if (!isOnline || isClosed) return
    for (const row of listWaiting(db)) dispatch(row.id, { type: 'came-online' })
    report()
  })
  report()
  fill()
  wake()

  /** Saves what an event makes of a row; the effects are the caller's. */
  function change(row: DownloadRow, event: DownloadEvent) {
    const [state, effects] = step(row, event, clock.now())
    if (state === row) return { row, effects }
    const progress = live.get(row.id)
    const kept = progress === undefined ? {} : keptProgress(progress)
    const finishedAt = hasEnded(state.status) ? (row.finishedAt ?? clock.now()) : null
    const next = { ...row, ...state, ...kept, finishedAt }
    saveDownload(db, next)
    return { row: next, effects }
  }

  function dispatch(id: string, event: DownloadEvent): void {
    const before = findDownload(db, id)
    if (before === null) return
    const { row, effects } = change(before, event)
    if (row === before) return
    if (effects.includes('stop')) runs.get(id)?.controller.abort()
    if (effects.includes('run')) begin(row)
    if (effects.includes('discard')) inBackground(discard(id))
    if (row.status !== before.status) {
      tell(row)
      if (!isUnderWay(row.status)) fill()
      if (row.status === 'waiting') wake()
      if (row.status === 'done') arrived(row)
    }
  }

  function arrived(row: DownloadRow): void {
    needs.emit({ type: 'library.changed' })
    needs.onArrived(row.content)
    report()
  }

  function fill(): void {
    if (isClosed || isQueuePaused(db)) return
    for (let free = needs.settings.get().parallelDownloads - countUnderWay(db); free > 0; free--) {
      const next = nextQueued(db)
      if (next === null) return
      dispatch(next.id, { type: 'slot-given' })
    }
  }

  function begin({ id, run: number }: DownloadRow): void {
    const controller = new AbortController()
    // Two runs over one part file would write over each other: the next begins when the last has ended.
    const before = runs.get(id)?.ended ?? Promise.resolve()
    const ended = before.then(() => perform(id, number, controller.signal))
    runs.set(id, { number, controller, ended })
  }

  async function perform(id: string, run: number, signal: AbortSignal): Promise<void> {
    try {
      const row = findDownload(db, id)
      if (row === null || signal.aborted) return
      await runDownload(needs, row, hooksOf(id, run), signal)
      dispatch(id, { type: 'finished', run })
    } catch (error) {
      if (!signal.aborted) dispatch(id, failureOf(error, run))
    } finally {
      if (runs.get(id)?.number === run) {
        runs.delete(id)
        live.delete(id)
        tellLater.get(id)?.()
        tellLater.delete(id)
      }
    }
  }

  function failureOf(error: unknown, run: number): DownloadEvent {
    const jitter = needs.random.bytes(1).readUInt8(0) / 255
    if (!(error instanceof AppError)) {
      log.error({ error }, 'a download failed in an unexpected way')
      return { type: 'failed', run, code: 'internal', message: ERRORS.internal.title, retryAfterMs: null, jitter }
    }
    const { code, message, detail } = error
    log.warn({ code, detail }, 'a download broke off')
    const seconds = detail?.['retryAfterSeconds']
    return {
      type: 'failed',
      run,
      code,
      message,
      retryAfterMs: typeof seconds === 'number' ? seconds * 1000 : null,
      jitter,
    }
  }

  function hooksOf(id: string, run: number): RunHooks {
    return {
      granted(grant, staging) {
        const row = findDownload(db, id)
        if (row === null) return
        saveDownload(db, {
          ...row,
          totalBytes: grant.object.sizeBytes,
          attemptsLeft: grant.entitlement.attemptsLeft,
          attemptId: grant.attempt.id,
          objectSha256: grant.object.sha256,
          contents: grant.contents,
          staging,
        })
      },
      transferring(ledger) {
        live.set(id, { ledger, meter: live.get(id)?.meter ?? createRateMeter() })
        dispatch(id, { type: 'granted', run })
      },
      bytes(count) {
        live.get(id)?.meter.add(count, clock.monotonic())
        tellSoon(id)
      },
      segment() {
        if ((findDownload(db, id)?.failures ?? 0) > 0) dispatch(id, { type: 'gained', run })
      },
      verifying: () => dispatch(id, { type: 'all-here', run }),
    }
  }

  /** Removes what is here of a download that was given up, once nothing writes to it any more. */
  async function discard(id: string): Promise<void> {
    await runs.get(id)?.ended
    const row = findDownload(db, id)
    if (row === null || row.status !== 'cancelled') return
    try {
      if (row.staging !== null) await removeStaged(needs.disk, row.staging, id)
    } catch (error) {
      log.warn({ error }, 'the partial file of a cancelled download could not be removed')
    }
    if (row.attemptId !== null) saveReport(db, { attemptId: row.attemptId, kind: 'cancel', segmentRoot: null })
    removeSegments(db, id)
    saveDownload(db, { ...row, attemptId: null, objectSha256: null, staging: null, receivedBytes: 0, segments: '' })
    report()
  }

  function report(): void {
    if (!isClosed) inBackground(sendReports(db, needs.serverCall, log))
  }

  function inBackground(work: Promise<void>): void {
    const tracked = work.finally(() => background.delete(tracked))
    background.add(tracked)
  }

  /** Wakes when the first of the waiting may try again. */
  function wake(): void {
    stopWaking()
    const waiting = listWaiting(db)
    if (isClosed || waiting.length === 0) return
    const first = Math.min(...waiting.map(({ retryAt }) => retryAt ?? 0))
    const wait = Math.min(Math.max(0, first - clock.now()), LONGEST_RETRY_AFTER_MS)
    stopWaking = clock.after(wait, () => {
      for (const { id } of waiting) dispatch(id, { type: 'due' })
      fill()
      wake()
    })
  }

  function view(row: DownloadRow, place = placeOf(db, row)): Download {
    return toDownloadView(row, live.get(row.id) ?? null, place, clock.monotonic())
  }

  function tell(row: DownloadRow): void {
    toldAt.set(row.id, clock.monotonic())
    needs.emit({ type: 'delivery.progressed', download: view(row) })
  }

  function tellSoon(id: string): void {
    if (tellLater.has(id)) return
    const wait = Math.max(0, (toldAt.get(id) ?? 0) + PROGRESS_MS - clock.monotonic())
    const stop = clock.after(wait, () => {
      tellLater.delete(id)
      const row = findDownload(db, id)
      if (row !== null && isUnderWay(row.status)) tell(row)
      fill()
    })
    tellLater.set(id, stop)
  }

  function required(id: string): DownloadRow {
    const row = findDownload(db, id)
    if (row === null) throw new AppError('not-found')
    return row
  }

  return {
    start({ content, title, artist, cover }) {
      const known = findDownloadOf(db, content)
      if (known !== null && !hasEnded(known.status) && known.status !== 'failed') return view(known)
      const state = { ...NEW_DOWNLOAD, run: known?.run ?? 0 }
      const words = known === null || title !== '' ? { title, artist, cover } : {}
      const fresh = {
        id: known?.id ?? needs.random.uuid(),
        content,
        title,
        artist,
        cover,
        receivedBytes: 0,
        totalBytes: null,
        segments: '',
        attemptsLeft: null,
        attemptId: null,
        objectSha256: null,
        contents: null,
        staging: null,
      }
      const place = { position: lastPosition(db) + 1, addedAt: clock.now(), finishedAt: null }
      // What arrived spent its attempt, which is good for the repair of a damaged file and nothing else.
      const isSpent = known?.status === 'done' && !isDamagedHere(db, known)
      const row: DownloadRow = { ...fresh, ...known, ...words, ...state, ...place, ...(isSpent && { attemptId: null }) }
      saveDownload(db, row)
      needs.emit({ type: 'delivery.changed' })
      fill()
      return view(required(row.id))
    },
    list() {
      const downloads = listDownloads(db).map((row, position) => view(row, position))
      const bytesPerSecond = downloads.reduce((sum, download) => sum + (download.bytesPerSecond ?? 0), 0)
      return { downloads, isPaused: isQueuePaused(db), bytesPerSecond }
    },
    command(id, command) {
      if (!mayCommand(required(id).status, command)) throw new AppError('not-downloadable')
      dispatch(id, { type: command })
      fill()
      return view(required(id))
    },
    move(id, position) {
      const rows = listDownloads(db).filter(({ status }) => !hasEnded(status))
      const moved = required(id)
      const fixed = rows.filter(({ status }) => isUnderWay(status))
      const others = rows.filter((row) => row.id !== id && !isUnderWay(row.status))
      if (hasEnded(moved.status) || isUnderWay(moved.status)) return
      others.splice(position, 0, moved)
      for (const [index, row] of [...fixed, ...others].entries()) saveDownload(db, { ...row, position: index + 1 })
      needs.emit({ type: 'delivery.changed' })
    },
    pauseAll() {
      setQueuePaused(db, true)
      for (const row of listDownloads(db)) dispatch(row.id, { type: 'suspended' })
      needs.emit({ type: 'delivery.changed' })
    },
    resumeAll() {
      setQueuePaused(db, false)
      needs.emit({ type: 'delivery.changed' })
      fill()
    },
    clearFinished() {
      removeEnded(db)
      needs.emit({ type: 'delivery.changed' })
    },
    async close() {
      isClosed = true
      stopListening()
      stopWaking()
      for (const stop of tellLater.values()) stop()
      for (const row of listDownloads(db)) dispatch(row.id, { type: 'suspended' })
      await Promise.all([...runs.values()].map(({ ended }) => ended))
      while (background.size > 0) await Promise.all(background)
    },
  }
}
