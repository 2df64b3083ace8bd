import { AppError, ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import { hasItsHash } from './begin-ledger.ts'
import type { BegunHints } from './begun-hints.ts'
import { type ByteRequestNeeds, type ByteRequestRun, requestBytes } from './byte-request.ts'
import type { Pace } from './bytes/carrier.ts'
import type { GrantedObject } from './grant-rules.ts'
import type { PartFile } from './part-file.ts'
import { createRateMeter } from './rate-meter.ts'
import type { SegmentJournal } from './segment-journal.ts'
import type { Assignment, SegmentLedger } from './segment-ledger.ts'
import { sleep } from './sleep.ts'
import { isWorthSplitting, splitPoint } from './split-rules.ts'
import { OTHER_OBJECT, type TokenDesk } from './token-desk.ts'

/** Breaks in a row, over all connections and with nothing gained, after which the run gives up its turn. */
const MOST_BREAKS = 3
/** Bytes that count as a gain. */
const GAIN = 64 * 1024
/** Times that one segment may come damaged. */
const MOST_DAMAGED = 2
/** Slow connections in a row after which the user hears of it. */
const MOST_SLOW = 5

export type TransferNeeds = ByteRequestNeeds

export interface TransferJob {
  readonly object: GrantedObject
  readonly part: PartFile
  readonly ledger: SegmentLedger
  readonly journal: SegmentJournal
  readonly hints: BegunHints
  readonly desk: TokenDesk
  readonly pace: Pace
  /** The most connections for this file, as the settings say now. */
  readonly connections: () => number
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
  readonly onSegment: () => void
}

/** One connection at work. */
interface Connection {
  readonly assignment: Assignment
  readonly begunAt: number
  readonly ended: Promise<void>
  /** Where its assignment ends now. */
  end: number
  /** The offset behind the last byte that came. */
  next: number
  request: ByteRequestRun | null
  isBeingSplit: boolean
}

/**
 * Fetches every missing segment over several connections; returns when each has its hash. A connection that breaks begins again at the same
 * byte with a new token; a damaged segment comes again alone; the rest of a slow connection is split as soon as another is free. Throws what
 * it can not cure: then what is here is in the journal.
 */
export async function transfer(needs: TransferNeeds, job: TransferJob): Promise<void> {
  await createTransfer(needs, job).run()
}

function createTransfer(needs: TransferNeeds, job: TransferJob) {
  const { clock, timings } = needs
  const { object, part, ledger, journal, hints, desk } = job
  const stop = new AbortController()
  const signal = AbortSignal.any([job.signal, stop.signal])
  const meter = createRateMeter()
  const damaged = new Map<number, number>()
  const active = new Set<Connection>()
  let allowed = atFirst()
  let breaks = 0
  let brokeAt = Number.NEGATIVE_INFINITY
  let slow = 0
  let gained = 0
  let networkChanges = 0
  let serverKnowsRanges = true
  let unsynced = 0
  let syncing: Promise<void> | null = null
  let failure: { readonly error: unknown } | null = null

  async function run(): Promise<void> {
    try {
      while (!ledger.isComplete()) {
        if (failure !== null) throw failure.error
        job.signal.throwIfAborted()
        startConnections()
        const looking = new AbortController()
        await Promise.race([...[...active].map(({ ended }) => ended), look(looking.signal)])
        looking.abort()
      }
    } finally {
      stop.abort()
      await Promise.allSettled([...active].map(({ ended }) => ended))
      await syncing
      journal.flush()
    }
    // A sync that failed after the last byte: what it could not keep is not believed.
    if (failure !== null) throw failure.error
  }

  function fail(error: unknown): void {
    failure ??= { error }
    stop.abort()
  }

  /** More connections are only worth their tokens while the end is not near. */
  async function look(isOver: AbortSignal): Promise<void> {
    await sleep(clock, timings.lookMs, isOver)
    if (!isOver.aborted && allowed < job.connections() && breaks === 0 && secondsLeft() * 1000 > 4 * timings.lookMs)
      allowed += 1
  }

  function atFirst(): number {
    const missing = ledger.missingSegments() * object.segmentSize
    return Math.max(1, Math.min(job.connections(), Math.ceil(missing / timings.connectionWorthBytes)))
  }

  function secondsLeft(): number {
    const rate = meter.bytesPerSecond(clock.monotonic())
    return rate === null || rate === 0 ? Number.POSITIVE_INFINITY : (object.sizeBytes - ledger.receivedBytes()) / rate
  }

  /** After two changes of the network one connection carries on alone, so that no two of them seem to come from different places. */
  function most(): number {
    return serverKnowsRanges && networkChanges < 2 ? Math.min(allowed, job.connections()) : 1
  }

  function startConnections(): void {
    while (active.size < most() && !signal.aborted) {
      const assignment = serverKnowsRanges ? ledger.take(segmentsAtOnce()) : ledger.takeAll()
      if (assignment === null) {
        if (serverKnowsRanges) splitSlowest()
        return
      }
      begin(assignment)
    }
  }

  function begin(assignment: Assignment): void {
    const ended = Promise.withResolvers<void>()
    const { end, start } = assignment
    const connection: Connection = {
      assignment,
      begunAt: clock.monotonic(),
      ended: ended.promise,
      end,
      next: start,
      request: null,
      isBeingSplit: false,
    }
    active.add(connection)
    void fetchOnce(connection)
      .catch((error: unknown) => {
        // What ends because nothing is missing any more has not failed.
        if (!stop.signal.aborted) fail(error)
      })
      .finally(() => {
        active.delete(connection)
        ledger.release(assignment)
        ended.resolve()
      })
  }

  /** Fewer towards the end, so that all connections end together; never more than comes in one `rangeMs`, nor more than a token at hand is for. */
  function segmentsAtOnce(): number {
    const share = Math.ceil(ledger.missingSegments() / Math.max(1, Math.min(allowed, job.connections())))
    const rate = meter.bytesPerSecond(clock.monotonic())
    const atHand = desk.atHand()
    const covered = atHand === null ? share : Math.ceil((atHand[1] + 1 - atHand[0]) / object.segmentSize)
    const useful = Math.max(1, Math.min(share, covered))
    if (rate === null) return useful
    const timely = Math.ceil((rate * timings.rangeMs) / 1000 / Math.max(1, active.size) / object.segmentSize)
    return Math.max(1, Math.min(useful, timely))
  }

  /** Gives what a slow connection has still before it to the next free one: whole segments, or at the very end the rest of one. */
  function splitSlowest(): void {
    const now = clock.monotonic()
    const candidates = [...active]
      .filter(({ request, isBeingSplit, assignment }) => {
        return request !== null && !isBeingSplit && !assignment.beginsInside && !assignment.endsInside
      })
      .map((connection) => ({ connection, ...outlook(connection, now) }))
      .filter(({ bytesLeft, msLeft }) => isWorthSplitting(bytesLeft, msLeft, timings.lookMs))
      .sort((left, right) => right.msLeft - left.msLeft)
    const slowest = candidates[0]?.connection
    if (slowest !== undefined) void split(slowest)
  }

  /** What is before a connection, and for how long; one that has only begun shows nothing yet. */
  function outlook({ begunAt, next, end, assignment }: Connection, now: number): { bytesLeft: number; msLeft: number } {
    const bytesLeft = end + 1 - next
    const elapsed = now - begunAt
    if (elapsed < 2 * timings.lookMs) return { bytesLeft, msLeft: 0 }
    return { bytesLeft, msLeft: (bytesLeft * elapsed) / Math.max(1, next - assignment.start) }
  }

  async function split(connection: Connection): Promise<void> {
    connection.isBeingSplit = true
    const point = splitPoint(connection.next, connection.end, object.segmentSize)
    const end = (await connection.request?.shorten(point - 1)) ?? connection.end
    connection.isBeingSplit = false
    if (end >= connection.end || signal.aborted || !active.has(connection)) return
    const wholeEnd = connection.end
    connection.end = end
    ledger.shorten(connection.assignment, end)
    const isInside = (end + 1) % object.segmentSize !== 0
    const isInLast = Math.floor(end / object.segmentSize) === Math.floor(wholeEnd / object.segmentSize)
    if (isInside && isInLast && active.size < most()) begin(ledger.takeTail(end + 1, wholeEnd))
    else startConnections()
  }

  async function fetchOnce(connection: Connection): Promise<void> {
    const { assignment } = connection
    const { start, end, firstSegment, lastSegment, beginsInside, endsInside } = assignment
    try {
      const token = await desk.tokenFor([start, end])
      signal.throwIfAborted()
      const asked = { start, end, size: object.sizeBytes, etag: object.etag }
      const segments = object.segmentSha256
        .slice(firstSegment, lastSegment + 1)
        .map((hash, index) => (ledger.isVerified(firstSegment + index) ? null : hash))
      const { segmentSize } = object
      const { pace } = job
      const range = { asked, segmentSize, segments, beginsInside, endsInside, part, hints }
      connection.request = requestBytes(
        needs,
        { ...range, token, pace },
        {
          bytes: (count, next) => took(connection, count, next),
          segment: settle,
        },
        signal,
      )
      const outcome = await connection.request.outcome
      if (outcome === 'whole') serverKnowsRanges = false
      else await arrived(connection)
    } catch (error) {
      await noteBegun(connection)
      signal.throwIfAborted()
      await cure(error, connection)
    } finally {
      connection.request = null
    }
  }

  async function noteBegun({ assignment, next, end }: Connection): Promise<void> {
    if (assignment.beginsInside || next <= assignment.start || next > end) return
    await hints.note(Math.floor(next / object.segmentSize), next % object.segmentSize)
  }

  function took(connection: Connection, count: number, next: number): void {
    const now = clock.monotonic()
    connection.next = next
    meter.add(count, now)
    gained += count
    unsynced += count
    if (!connection.assignment.beginsInside) {
      const segment = Math.floor((next - 1) / object.segmentSize)
      if (!ledger.isVerified(segment)) ledger.setHere(segment, next - ledger.startOf(segment))
    }
    job.onBytes(count)
    if (unsynced >= timings.syncEveryBytes && syncing === null) syncEarly()
  }

  /** Writing to the disk goes on beside the transfer; what it can not keep is not believed. */
  function syncEarly(): void {
    unsynced = 0
    syncing = part
      .sync()
      .catch(fail)
      .finally(() => {
        syncing = null
      })
  }

  /** A segment that came in two pieces is proved where it lies. */
  async function arrived({ assignment, next }: Connection): Promise<void> {
    allowed = Math.min(allowed + 1, job.connections())
    if (assignment.beginsInside) ledger.setTailHere(assignment)
    const segment = Math.floor((next - 1) / object.segmentSize)
    if (segment >= ledger.count || ledger.isVerified(segment) || !ledger.isWhole(segment)) return
    settle(segment, await hasItsHash(object, part, ledger, segment, signal))
  }

  /** Waits a moment before another try where one may help; throws the failure where none does. */
  async function cure(error: unknown, { begunAt }: Connection): Promise<void> {
    if (!(error instanceof AppError) || !mayHelp(error)) throw error
    desk.noteFailure(error.code)
    if (error.code === 'ip-locked') networkChanges += 1
    slow = error.code === 'slow-connection' ? slow + 1 : 0
    if (slow >= MOST_SLOW) throw error
    // What broke together broke once: only a connection that was begun after the last break counts as another.
    if (gained >= GAIN || error.code === 'slow-connection') breaks = 1
    else if (begunAt > brokeAt) breaks += 1
    brokeAt = clock.monotonic()
    gained = 0
    if (breaks > MOST_BREAKS) throw error
    allowed = Math.max(1, Math.floor(allowed / 2))
    await sleep(clock, timings.againMs * 2 ** (breaks - 1), signal)
  }

  function settle(segment: number, isRight: boolean): void {
    if (isRight) {
      journal.keep(segment)
      ledger.setVerified(segment)
      breaks = 0
      job.onSegment()
      return
    }
    ledger.forget(segment)
    journal.forget(segment)
    void hints.note(segment, 0)
    const times = (damaged.get(segment) ?? 0) + 1
    damaged.set(segment, times)
    if (times >= MOST_DAMAGED) fail(new AppError('corrupt-source', undefined, { why: DAMAGED, segment }))
  }

  return { run }
}

const DAMAGED = 'segment-hash'

/** A new token or a new connection may help; a segment that comes damaged again and again, a full disk or a busy server need time or hands. */
function mayHelp({ code, detail }: AppError): boolean {
  if (detail?.['why'] === DAMAGED || detail?.['why'] === OTHER_OBJECT) return false
  // A proof counts once: one that something on the way has sent before us is refused, and the next is another.
  const codes: readonly ErrorCode[] = ['offline', 'corrupt-source', 'slow-connection', 'invalid-dpop-proof']
  return codes.includes(code) || ERRORS[code].retry === 'fresh-token'
}
