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
  isTrusted: boolean,
  signal: AbortSignal,
): Promise<SegmentLedger> {
  const ledger = createSegmentLedger(object)
  if (!part.wasThere) journal.forgetAll()
  const journaled = journal.read()
  if (part.wasThere && journaled.length === 0) await findSegments(object, part, journal, ledger, signal)
  for (const { segment, bytes, isVerified } of journaled) {
    if (segment >= ledger.count || bytes >= ledger.lengthOf(segment)) journal.forget(segment)
    else if (!isVerified) ledger.setHere(segment, bytes)
    else if (isTrusted || (await hasItsHash(object, part, ledger, segment, signal))) ledger.setVerified(segment)
    else journal.forget(segment)
  }
  return ledger
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
    journal.keepVerified(segment)
    ledger.setVerified(segment)
  }
}

/** Hashes every segment where it lies and forgets those that are not right; answers how many those were. */
export async function forgetDamaged(
  object: GrantedObject,
  part: PartFile,
  journal: SegmentJournal,
  ledger: SegmentLedger,
  signal: AbortSignal,
): Promise<number> {
  let forgotten = 0
  for (let segment = 0; segment < ledger.count; segment++) {
    if (await hasItsHash(object, part, ledger, segment, signal)) continue
    ledger.forget(segment)
    journal.forget(segment)
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
