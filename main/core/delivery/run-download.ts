import type { DatabaseSync } from 'node:sqlite'
import type { Caller } from '../../../contract/call.ts'
import type { DownloadGrant, PackEntry } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, freeBytes, onDisk } from '../library/disk.ts'
import { readyLibrary, readyStaging } from '../library/library-place.ts'
import { recoverPublications } from '../library/local-library.ts'
import { isOwned } from '../library/rows.ts'
import type { LibraryVolume } from '../library/volume.ts'
import { withoutSync } from '../local-db/unsynced-writes.ts'
import type { Notices } from '../needs.ts'
import type { Random, SettingsStore } from '../ports.ts'
import { beginLedger, takeHealthy } from './begin-ledger.ts'
import { openBegunHints } from './begun-hints.ts'
import type { Pace } from './bytes/carrier.ts'
import type { GrantedObject } from './grant-rules.ts'
import { openPartFile, type PartFile } from './part-file.ts'
import { findDamagedFile, isInLibrary, publishDownload } from './publish-download.ts'
import { entriesToRepair, narrowToEntries } from './repair-pack.ts'
import { type AttemptReport, type DownloadRow, hasReport, saveReport } from './rows.ts'
import { createSegmentJournal } from './segment-journal.ts'
import type { SegmentLedger } from './segment-ledger.ts'
import { hintsPath, partPath, removeForGood, removeStaged, writeSidecar } from './sidecar.ts'
import { createTokenDesk } from './token-desk.ts'
import { type TransferNeeds, transfer } from './transfer.ts'

/** Left free on the disk beside what a download still needs. */
const SPARE_BYTES = 16 * 1024 * 1024

export interface RunNeeds extends TransferNeeds {
  readonly disk: Disk
  readonly db: DatabaseSync
  readonly volume: Pick<LibraryVolume, 'name' | 'assertThere'>
  readonly accountFolder: string
  readonly libraryFolder: () => string
  readonly defaultLibrary: string
  readonly settings: SettingsStore
  readonly serverCall: Caller
  readonly random: Random
  readonly notices: Notices
  readonly refreshOwned: () => Promise<void>
  /** What holds the bytes of one download back. */
  readonly paceOf: (downloadId: string) => Pace
  /** Part files as this process left them: their time of change by path and the SHA-256 of the object they are part of. */
  readonly leftAt: Map<string, number>
}

/** A part file between two runs: when it was changed last, in milliseconds, and what it is a part of. */
export interface LeftPart {
  readonly changedAt: number
  readonly objectSha256: string
}

/** What a run tells while it is at work. */
export interface RunHooks {
  /** Every answer of `init`; the row is to remember the attempt and the object. */
  granted(grant: DownloadGrant, staging: string): void
  /** The transfer begins. */
  transferring(ledger: SegmentLedger): void
  bytes(count: number): void
  segment(): void
  verifying(): void
}

/**
 * Brings one download from wherever it stands to its place in the library: attempt, transfer, proof, publication, and the report that is
 * to be sent. The proof is that every segment has the hash that belongs to `segment_root`, each found as its bytes were written. Safe to be killed at any point and run again. Throws why it could not; an abort of `signal` is thrown as it is.
 */
export async function runDownload(
  needs: RunNeeds,
  row: DownloadRow,
  hooks: RunHooks,
  signal: AbortSignal,
): Promise<void> {
  const { disk, db } = needs
  const library = await readyLibrary(disk, needs.libraryFolder(), needs.defaultLibrary)
  const staged = partPath(row.staging ?? '', row.id)
  await recoverPublications(db, disk, needs.clock.now(), staged, needs.volume.assertThere)
  if (await isInLibrary(needs, row)) {
    endAttempt(needs, row.attemptId)
    return await tidyUp(needs, row.id, row.staging)
  }
  const staging = row.staging ?? (await readyStaging(disk, needs.accountFolder, library))
  // The attempt that goes on now: one whose time ran out on the way is followed by another.
  let attemptId = row.attemptId
  const desk = createTokenDesk({
    serverCall: needs.serverCall,
    content: row.content,
    format: row.format,
    attemptId: row.attemptId,
    onGrant(latest) {
      attemptId = latest.attempt.id
      hooks.granted(latest, staging)
    },
  })
  const grant = await desk.open(row.objectSha256 === null ? [0, needs.timings.connectionWorthBytes - 1] : null)
  signal.throwIfAborted()
  const { object, contents } = grant
  // What is in a pack may be known only now.
  if (row.contents === null && contents !== null && (await isInLibrary(needs, { content: row.content, contents }))) {
    endAttempt(needs, attemptId)
    return await tidyUp(needs, row.id, staging)
  }
  const journal = createSegmentJournal(db, row.id)
  if (row.objectSha256 !== null && row.objectSha256 !== object.sha256) {
    await removeStaged(disk, staging, row.id)
    journal.forgetAll()
  }
  await describe(needs, row, grant, staging)
  await learnNames(needs, row)
  const place = partPath(staging, row.id)
  // Null: every byte of the object is needed.
  const entries = await entriesToRepair(disk, db, grant)
  const part = await openPartFile(disk, place, object.sizeBytes, journal.isDistrusted())
  /** All that the journal names has its hash, or had it when this process left the file as it is. */
  let isProved = false
  try {
    await using hints = await openBegunHints(disk, hintsPath(staging, row.id), !part.wasThere)
    const isTrusted = needs.leftAt.get(leftKey(place, object)) === (await part.changedAt())
    const { assertThere } = needs.volume
    const ledger = await beginLedger({ object, part, journal, hints, isTrusted, assertThere, signal })
    isProved = true
    needs.leftAt.delete(leftKey(place, object))
    const source = { object, part, journal, ledger, signal }
    const damaged = grant.contents === null ? findDamagedFile(db, row.content.contentId) : null
    if (entries !== null) await narrowToEntries(disk, db, entries, source)
    else if (damaged?.sha256 === object.sha256)
      await takeHealthy(disk, damaged.path, { ...source, from: 0, to: object.sizeBytes })
    await assertRoom(needs, staging, object, ledger, sumOf(entries ?? grant.contents ?? []))
    hooks.transferring(ledger)
    const connections = () => needs.settings.get().connectionsPerFile
    const { bytes: onBytes, segment: onSegment } = hooks
    const pace = needs.paceOf(row.id)
    await transfer(needs, { object, part, ledger, journal, hints, desk, pace, connections, signal, onBytes, onSegment })
    hooks.verifying()
    await part.sync()
  } catch (error) {
    if (isProved && !part.hasLostWrites) await rememberAsLeft(needs, part, object)
    if (part.hasLostWrites) await distrust(needs, row.id, staging, object)
    throw error
  } finally {
    await closePart(needs, part, object)
  }
  // Written down before, and told when the download is done: a crash right behind the publication forgets neither.
  const report = entries === null ? wholeReport(attemptId, grant) : partialReport(attemptId, grant)
  // The announcement of a track waits for the disk and takes the report along; a pack whose tracks are all here announces nothing.
  if (report !== null && grant.contents === null) withoutSync(db, () => saveReport(db, report))
  else if (report !== null) saveReport(db, report)
  await publishDownload(needs, row, grant, { staged: place, staging, library }, entries === null, signal)
  await tidyUp(needs, row.id, staging)
}

/** What came before it could be told is told already; of what came another way the attempt is not needed any more. */
function endAttempt({ db }: RunNeeds, attemptId: string | null): void {
  if (attemptId !== null && !hasReport(db, attemptId)) saveReport(db, { attemptId, kind: 'cancel', segmentRoot: null })
}

function wholeReport(attemptId: string | null, { attempt, object }: DownloadGrant): AttemptReport {
  return { attemptId: attemptId ?? attempt.id, kind: 'complete', segmentRoot: object.segmentRoot }
}

/** A repaired attempt was reported before; one that had to follow it brought a part, so it is ended without the word that all is here. */
function partialReport(attemptId: string | null, { attempt }: DownloadGrant): AttemptReport | null {
  return attemptId === null || attemptId === attempt.id ? null : { attemptId, kind: 'cancel', segmentRoot: null }
}

/** What a disk could not keep may still read well from memory, so none of it is believed, also where it can not be removed now. */
async function distrust(
  { disk, db, leftAt }: RunNeeds,
  downloadId: string,
  staging: string,
  object: GrantedObject,
): Promise<void> {
  leftAt.delete(leftKey(partPath(staging, downloadId), object))
  const journal = createSegmentJournal(db, downloadId)
  journal.distrust()
  await removeStaged(disk, staging, downloadId).then(
    () => journal.forgetAll(),
    () => {},
  )
}

/** What was bought a moment ago may not be in the list of what is owned yet; its file is named by that list. */
async function learnNames({ db, refreshOwned }: RunNeeds, { content }: DownloadRow): Promise<void> {
  const isKnown = isOwned(db, content)
  if (!isKnown) await refreshOwned().catch(() => {})
}

async function describe(needs: RunNeeds, row: DownloadRow, grant: DownloadGrant, staging: string): Promise<void> {
  await writeSidecar(needs.disk, staging, {
    version: 1,
    downloadId: row.id,
    content: row.content,
    title: row.title,
    artist: row.artist,
    objectSha256: grant.object.sha256,
    sizeBytes: grant.object.sizeBytes,
    attemptId: grant.attempt.id,
  })
}

function sumOf(entries: readonly PackEntry[]): number {
  return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

/** The tracks that are taken out of a pack, `unpackedBytes`, need their room beside it. */
async function assertRoom(
  { disk }: RunNeeds,
  staging: string,
  { sizeBytes }: GrantedObject,
  ledger: SegmentLedger,
  unpackedBytes: number,
): Promise<void> {
  const needed = sizeBytes - ledger.receivedBytes() + unpackedBytes
  const free = await freeBytes(disk, staging)
  if (free !== null && needed > 0 && free < needed + SPARE_BYTES)
    throw new AppError(
      'disk-full',
      `${Math.ceil((needed + SPARE_BYTES - free) / 1e6)} MB more are needed on the disk`,
      { neededBytes: needed + SPARE_BYTES - free },
    )
}

/** A file that was left as a part of one object says nothing about another. */
function leftKey(place: string, { sha256 }: GrantedObject): string {
  return `${sha256} ${place}`
}

/**
 * Lets the next run of this process take the file as it is, without hashing again what was proved; not after an error of the disk. On a drive
 * that may be pulled out and come back only what is durable counts: the rest may be lost, and the time of change may be there all the same.
 */
async function rememberAsLeft(needs: RunNeeds, part: PartFile, object: GrantedObject): Promise<void> {
  try {
    if (needs.volume.name() !== null) await part.sync()
    needs.leftAt.set(leftKey(part.path, object), await part.changedAt())
  } catch {
    needs.leftAt.delete(leftKey(part.path, object))
  }
}

/** What could not be closed may have lost what was written last, so it is hashed before it counts. */
async function closePart({ leftAt }: RunNeeds, part: PartFile, object: GrantedObject): Promise<void> {
  try {
    await part.close()
  } catch (error) {
    leftAt.delete(leftKey(part.path, object))
    throw error
  }
}

async function tidyUp({ disk, db, volume }: RunNeeds, id: string, staging: string | null): Promise<void> {
  if (staging !== null) await onDisk(() => (volume.name() === null ? removeStaged : removeForGood)(disk, staging, id))
  createSegmentJournal(db, id).forgetAll()
}
