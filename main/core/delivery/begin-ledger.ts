import { createHash } from 'node:crypto'
import { AppError } from '../../../contract/errors.ts'
import type { Disk } from '../library/disk.ts'
import type { BegunHints } from './begun-hints.ts'
import type { GrantedObject } from './grant-rules.ts'
import type { PartFile } from './part-file.ts'
import type { SegmentJournal } from './segment-journal.ts'
import { createSegmentLedger, type SegmentLedger } from './segment-ledger.ts'

/** A part file, and what is known of it. */
export interface LeftBehind {
  readonly object: GrantedObject
  readonly part: PartFile
  readonly journal: SegmentJournal
  readonly hints: BegunHints
  /** This process itself left the file as it is. */
  readonly isTrusted: boolean
  /** Throws `drive-missing` when the file's drive is away. */
  readonly assertThere: () => Promise<void>
  readonly signal: AbortSignal
}

/**
 * The ledger of a part file, from the journal. Unless it `isTrusted`, every journaled segment is hashed again: the computer may have stopped
 * before it was on disk, or something else may have changed it. A file that has no journal, because the local database was lost, is hashed
 * whole. Throws what the disk does, `drive-missing`, and the reason of an abort.
 */
export async function beginLedger(left: LeftBehind): Promise<SegmentLedger> {
  const { object, part, journal, hints, isTrusted } = left
  const ledger = createSegmentLedger(object)
  if (!part.wasThere) {
    journal.forgetAll()
    return ledger
  }
  const journaled = journal.read()
  if (journaled.length === 0) await findSegments(left, ledger)
  for (const segment of journaled) {
    const isRight = segment < ledger.count && (isTrusted || (await isStillRight(left, ledger, segment)))
    if (isRight) {
      ledger.setVerified(segment)
      continue
    }
    journal.forget(segment)
    await hints.note(segment, 0)
  }
  await takeHints(left, ledger)
  journal.flush()
  return ledger
}

/** A segment that was whole when the process died is proved by its hash; one that was begun goes on where it stands. */
async function takeHints(left: LeftBehind, ledger: SegmentLedger): Promise<void> {
  const { part, journal, hints } = left
  const size = await part.size()
  for (let segment = 0; segment < ledger.count; segment++) {
    if (ledger.isVerified(segment)) continue
    const bytes = await hints.read(segment)
    if (bytes > ledger.lengthOf(segment) || ledger.startOf(segment) + bytes > size) continue
    if (bytes < ledger.lengthOf(segment)) {
      ledger.setHere(segment, bytes)
    } else if (await isStillRight(left, ledger, segment)) {
      journal.keep(segment)
      ledger.setVerified(segment)
    } else {
      await hints.note(segment, 0)
    }
  }
}

async function findSegments(left: LeftBehind, ledger: SegmentLedger): Promise<void> {
  const size = await left.part.size()
  for (let segment = 0; segment < ledger.count && ledger.startOf(segment) < size; segment++) {
    if (!(await isStillRight(left, ledger, segment))) continue
    left.journal.keep(segment)
    ledger.setVerified(segment)
  }
}

export interface HealthySource {
  readonly object: GrantedObject
  readonly part: PartFile
  readonly journal: SegmentJournal
  readonly ledger: SegmentLedger
  readonly signal: AbortSignal
  /** Where in the object the copy begins, and the byte behind its last. */
  readonly from: number
  readonly to: number
}

/**
 * Takes every missing segment that is still right, and can be read, in a damaged copy of the object or of a part of it, so that only what is
 * damaged is fetched.
 */
export async function takeHealthy(
  disk: Disk,
  damaged: string,
  { object, part, journal, ledger, signal, from, to }: HealthySource,
): Promise<void> {
  const source = await disk.open(damaged, 'r').catch(() => null)
  if (source === null) return
  try {
    const memory = Buffer.allocUnsafe(Math.min(object.segmentSize, object.sizeBytes))
    const first = Math.ceil(from / object.segmentSize)
    for (let segment = first; segment < ledger.count; segment++) {
      signal.throwIfAborted()
      if (ledger.startOf(segment) + ledger.lengthOf(segment) > to) break
      if (ledger.isVerified(segment)) continue
      const bytes = await source
        .read(memory, 0, ledger.lengthOf(segment), ledger.startOf(segment) - from)
        .then(({ bytesRead }) => memory.subarray(0, bytesRead))
        .catch(() => memory.subarray(0, 0))
      if (createHash('sha256').update(bytes).digest('hex') !== object.segmentSha256[segment]) continue
      await part.write(bytes, ledger.startOf(segment))
      ledger.setVerified(segment)
      journal.keep(segment)
    }
    journal.flush()
  } finally {
    await source.close().catch(() => {})
  }
}

/** Whether a segment that was left behind is right; one on a sector that can not be read any more is not, and comes again. */
async function isStillRight(left: LeftBehind, ledger: SegmentLedger, segment: number): Promise<boolean> {
  const { object, part, assertThere, signal } = left
  try {
    return await hasItsHash(object, part, ledger, segment, signal)
  } catch (error) {
    if (!(error instanceof AppError) || error.detail?.['cause'] !== 'EIO') throw error
    // Of a drive that was pulled out nothing can be read, and nothing is lost.
    await assertThere()
    return false
  }
}

/** Whether a segment is right as it lies on the disk. */
export async function hasItsHash(
  object: GrantedObject,
  part: PartFile,
  ledger: SegmentLedger,
  segment: number,
  signal: AbortSignal,
): Promise<boolean> {
  const hash = await part.hash(ledger.startOf(segment), ledger.lengthOf(segment), signal)
  return hash.digest('hex') === object.segmentSha256[segment]
}
