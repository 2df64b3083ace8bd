import type { BegunHints } from './begun-hints.ts'
import type { GrantedObject } from './grant-rules.ts'
import type { PartFile } from './part-file.ts'
import type { SegmentJournal } from './segment-journal.ts'
import { createSegmentLedger, type SegmentLedger } from './segment-ledger.ts'

/**
 * The ledger of a part file, from the journal. Unless this process itself left the file as it is (`isTrusted`), every journaled segment is
 * hashed again: the computer may have stopped before it was on disk, or something else may have changed it. A file that has no journal,
 * because the local database was lost, is hashed whole.
 */
export async function beginLedger(
  object: GrantedObject,
  part: PartFile,
  journal: SegmentJournal,
  hints: BegunHints,
  isTrusted: boolean,
  signal: AbortSignal,
): Promise<SegmentLedger> {
  const ledger = createSegmentLedger(object)
  if (!part.wasThere) {
    journal.forgetAll()
    return ledger
  }
  const journaled = journal.read()
  if (journaled.length === 0) await findSegments(object, part, journal, ledger, signal)
  for (const segment of journaled) {
    const isRight = segment < ledger.count && (isTrusted || (await hasItsHash(object, part, ledger, segment, signal)))
    if (isRight) {
      ledger.setVerified(segment)
      continue
    }
    journal.forget(segment)
    await hints.note(segment, 0)
  }
  await takeHints(part, ledger, hints)
  return ledger
}

async function takeHints(part: PartFile, ledger: SegmentLedger, hints: BegunHints): Promise<void> {
  const size = await part.size()
  for (let segment = 0; segment < ledger.count; segment++) {
    if (ledger.isVerified(segment)) continue
    const bytes = await hints.read(segment)
    if (bytes < ledger.lengthOf(segment) && ledger.startOf(segment) + bytes <= size) ledger.setHere(segment, bytes)
  }
}

async function findSegments(
  object: GrantedObject,
  part: PartFile,
  journal: SegmentJournal,
  ledger: SegmentLedger,
  signal: AbortSignal,
): Promise<void> {
  const size = await part.size()
  for (let segment = 0; segment < ledger.count && ledger.startOf(segment) < size; segment++) {
    if (!(await hasItsHash(object, part, ledger, segment, signal))) continue
    journal.keep(segment)
    ledger.setVerified(segment)
  }
}

/** Hashes every segment where it lies and forgets those that are not right; answers how many those were. */
export async function forgetDamaged(
  object: GrantedObject,
  part: PartFile,
  journal: SegmentJournal,
  hints: BegunHints,
  ledger: SegmentLedger,
  signal: AbortSignal,
): Promise<number> {
  let forgotten = 0
  for (let segment = 0; segment < ledger.count; segment++) {
    if (await hasItsHash(object, part, ledger, segment, signal)) continue
    ledger.forget(segment)
    journal.forget(segment)
    await hints.note(segment, 0)
    forgotten += 1
  }
  return forgotten
}

async function hasItsHash(
  object: GrantedObject,
  part: PartFile,
  ledger: SegmentLedger,
  segment: number,
  signal: AbortSignal,
): Promise<boolean> {
  const hash = await part.hash(ledger.startOf(segment), ledger.lengthOf(segment), signal)
  return hash.digest('hex') === object.segmentSha256[segment]
}
