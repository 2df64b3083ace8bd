import { createHash, type Hash } from 'node:crypto'
import { AppError, ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import { type BandwidthLimit, sleep } from './bandwidth-limit.ts'
import type { BegunHints } from './begun-hints.ts'
import { type ByteRequestNeeds, requestBytes } from './byte-request.ts'
import type { GrantedObject } from './grant-rules.ts'
import type { PartFile } from './part-file.ts'
import { createRateMeter } from './rate-meter.ts'
import type { SegmentJournal } from './segment-journal.ts'
import type { Assignment, SegmentLedger } from './segment-ledger.ts'
import type { TokenDesk } from './token-desk.ts'

/** Breaks in a row, over all connections and with nothing gained, after which the run gives up its turn. */
const MOST_BREAKS = 3
/** Bytes that count as a gain. */
const GAIN = 64 * 1024
/** Times that one segment may come damaged. */
const MOST_DAMAGED = 2
/** Bytes of a segment between two notes of how far it is. */
const NOTE_EVERY = 256 * 1024
/** Segments that are worth a connection of their own. */
const WORTH_A_CONNECTION = 2

export interface TransferNeeds extends ByteRequestNeeds {
  readonly limit: BandwidthLimit
}

export interface TransferJob {
  readonly object: GrantedObject
  readonly part: PartFile
  readonly ledger: SegmentLedger
  readonly journal: SegmentJournal
  readonly hints: BegunHints
  readonly desk: TokenDesk
  /** The most connections for this file, as the settings say now. */
  readonly connections: () => number
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
  readonly onSegment: () => void
}

/**
 * Fetches every missing segment over several connections; returns when each has its hash. A connection that breaks begins again at the same
 * byte with a new token; a damaged segment comes again alone. Throws what it can not cure: then what is here is in the journal.
 */
export async function transfer(needs: TransferNeeds, job: TransferJob): Promise<void> {
  await createTransfer(needs, job).run()
}

function createTransfer(needs: TransferNeeds, job: TransferJob) {
  const { object, part, ledger, journal, hints, desk } = job
  const stop = new AbortController()
  const signal = AbortSignal.any([job.signal, stop.signal])
  const meter = createRateMeter()
  const damaged = new Map<number, number>()
  const active = new Set<Promise<void>>()
  let allowed = Math.max(1, Math.min(job.connections(), Math.ceil(ledger.missingSegments() / WORTH_A_CONNECTION)))
  let breaks = 0
  let gained = 0
  let networkChanges = 0
  let serverKnowsRanges = true

  async function run(): Promise<void> {
    try {
      while (!ledger.isComplete()) {
        job.signal.throwIfAborted()
        startConnections()
        await Promise.race(active)
      }
    } finally {
      stop.abort()
      await Promise.allSettled(active)
    }
  }

  function startConnections(): void {
    const most = serverKnowsRanges && networkChanges < 2 ? Math.min(allowed, job.connections()) : 1
    while (active.size < most) {
      const assignment = serverKnowsRanges ? ledger.take(segmentsAtOnce()) : ledger.takeAll()
      if (assignment === null) return
      const connection = fetchOnce(assignment).finally(() => {
        active.delete(connection)
        ledger.release(assignment)
      })
      active.add(connection)
    }
  }

  /** Fewer towards the end, so that all connections end together; never more than comes in one `rangeMs`. */
  function segmentsAtOnce(): number {
    const share = Math.ceil(ledger.missingSegments() / Math.max(1, Math.min(allowed, job.connections())))
    const rate = meter.bytesPerSecond(needs.clock.monotonic())
    if (rate === null) return share
    const timely = Math.ceil((rate * needs.timings.rangeMs) / 1000 / Math.max(1, active.size) / object.segmentSize)
    return Math.max(1, Math.min(share, timely))
  }

  async function fetchOnce({ start, end }: Assignment): Promise<void> {
    try {
      const token = await desk.tokenFor([start, end])
      const asked = { start, end, size: object.sizeBytes, etag: object.etag }
      const outcome = await requestBytes(needs, { token, asked, signal }, takeBytes)
      if (outcome === 'taken') allowed = Math.min(allowed + 1, job.connections())
      else serverKnowsRanges = false
    } catch (error) {
      signal.throwIfAborted()
      await cure(error)
    }
  }

  /** Waits a moment before another try where one may help; throws the failure where none does. */
  async function cure(error: unknown): Promise<void> {
    if (!(error instanceof AppError) || !mayHelp(error)) throw error
    desk.noteFailure(error.code)
    if (error.code === 'ip-locked') networkChanges += 1
    breaks = gained >= GAIN ? 1 : breaks + 1
    gained = 0
    if (breaks > MOST_BREAKS) throw error
    allowed = Math.max(1, Math.floor(allowed / 2))
    await sleep(needs.clock, needs.timings.againMs * 2 ** (breaks - 1), signal)
  }

  async function takeBytes(start: number, chunks: AsyncIterable<Buffer>): Promise<void> {
    let offset = start
    const begun = { segment: -1, hash: createHash('sha256') }
    try {
      for await (const chunk of chunks) {
        await needs.limit.take(chunk.length, signal)
        signal.throwIfAborted()
        meter.add(chunk.length, needs.clock.monotonic())
        job.onBytes(chunk.length)
        for (let at = 0; at < chunk.length; ) {
          const segment = Math.floor(offset / object.segmentSize)
          const end = ledger.startOf(segment) + ledger.lengthOf(segment)
          const piece = chunk.subarray(at, at + end - offset)
          if (!ledger.isVerified(segment)) {
            if (begun.segment !== segment) Object.assign(begun, { segment, hash: await hashSoFar(segment, offset) })
            await keep(segment, begun.hash, piece, offset)
          }
          at += piece.length
          offset += piece.length
        }
      }
    } finally {
      const { segment } = begun
      if (segment >= 0 && !ledger.isVerified(segment)) await hints.note(segment, ledger.hereOf(segment))
    }
  }

  async function hashSoFar(segment: number, offset: number): Promise<Hash> {
    const here = offset - ledger.startOf(segment)
    ledger.setHere(segment, here)
    return await part.hash(ledger.startOf(segment), here, signal)
  }

  async function keep(segment: number, hash: Hash, piece: Buffer, offset: number): Promise<void> {
    const writing = part.write(piece, offset)
    hash.update(piece)
    await writing
    gained += piece.length
    const here = offset + piece.length - ledger.startOf(segment)
    ledger.setHere(segment, here)
    if (here === ledger.lengthOf(segment)) await settle(segment, hash.digest('hex'))
    else if (Math.floor(here / NOTE_EVERY) > Math.floor((here - piece.length) / NOTE_EVERY))
      await hints.note(segment, here)
  }

  async function settle(segment: number, digest: string): Promise<void> {
    if (digest === object.segmentSha256[segment]) {
      journal.keep(segment)
      ledger.setVerified(segment)
      job.onSegment()
      return
    }
    ledger.forget(segment)
    journal.forget(segment)
    await hints.note(segment, 0)
    const times = (damaged.get(segment) ?? 0) + 1
    damaged.set(segment, times)
    if (times >= MOST_DAMAGED) throw new AppError('corrupt-source', undefined, { why: DAMAGED, segment })
  }

  return { run }
}

const DAMAGED = 'segment-hash'

/** A new token or a new connection may help; a segment that comes damaged again and again, a full disk or a busy server need time or hands. */
function mayHelp({ code, detail }: AppError): boolean {
  const codes: readonly ErrorCode[] = ['offline', 'corrupt-source']
  return (codes.includes(code) && detail?.['why'] !== DAMAGED) || ERRORS[code].retry === 'fresh-token'
}
