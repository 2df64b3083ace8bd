import type { DatabaseSync } from 'node:sqlite'
import type { Disk } from './disk.ts'
import { lookForMoved } from './find-moved.ts'
import { examine, type FileState, glance, placeOf } from './local-state.ts'
import { readTags } from './read-tags.ts'
import { findLocalFile, type LocalFile, listLocalFiles, saveLocalFile } from './rows.ts'

/** Files looked at, or read, at the same time. */
const AT_ONCE = 8

export interface VerifyOptions {
  /** Ends the reading; what was found by then is kept. */
  readonly signal?: AbortSignal
  /** Hears of each few files that were read. */
  readonly onRead?: () => void
}

/**
 * Reads files whole, keeps what they are now, and looks below `libraryFolder` for those that are gone from their place. An abort of the
 * signal is thrown as its reason.
 */
export async function verifyFiles(
  disk: Disk,
  db: DatabaseSync,
  files: readonly LocalFile[],
  libraryFolder: string,
  { signal, onRead = () => {} }: VerifyOptions = {},
): Promise<FileState[]> {
  const states: FileState[] = []
  for (let first = 0; first < files.length; first += AT_ONCE) {
    signal?.throwIfAborted()
    const some = files.slice(first, first + AT_ONCE)
    states.push(...(await Promise.all(some.map((file) => verifyFile(disk, db, file, signal)))))
    onRead()
  }
  if (!states.includes('missing')) return states
  const claimed = new Set(listLocalFiles(db).map(placeOf))
  const moved = lookForMoved(disk, libraryFolder, (place) => claimed.has(place), signal)
  // One after the other, so that no two take the same file for theirs.
  for (const [index, file] of files.entries()) {
    if (states[index] !== 'missing') continue
    const found = await moved.find(file)
    if (found !== null) states[index] = await verifyFile(disk, db, { ...file, ...found }, signal)
  }
  return states
}

async function verifyFile(disk: Disk, db: DatabaseSync, file: LocalFile, signal?: AbortSignal): Promise<FileState> {
  const state = await examine(disk, file, signal)
  if (state !== 'missing') await remember(disk, db, { ...file, state })
  return state
}

/** Keeps a file with the size, time and tags that it has now. */
export async function remember(disk: Disk, db: DatabaseSync, file: LocalFile): Promise<void> {
  const seen = await glance(disk, file)
  if (seen === null || !db.isOpen || isAsKept(db, { ...file, ...seen })) return
  const tags = file.state === 'damaged' ? file.tags : ((await readTags(disk, placeOf(file))) ?? file.tags)
  if (db.isOpen) saveLocalFile(db, { ...file, ...seen, tags })
}

/** True when nothing is new: thousands of healthy files are then verified without a write. */
function isAsKept(db: DatabaseSync, file: LocalFile): boolean {
  const kept = findLocalFile(db, file.trackId)
  return (
    kept !== null &&
    placeOf(kept) === placeOf(file) &&
    kept.state === file.state &&
    kept.sizeBytes === file.sizeBytes &&
    kept.changedMs === file.changedMs
  )
}

export interface SeenFile {
  readonly file: LocalFile
  readonly isThere: boolean
  /** Its size or time is another than when it was read last. */
  readonly isChanged: boolean
}

/** What the directory shows of each file, by track. */
export async function lookAtFiles(disk: Disk, files: readonly LocalFile[]): Promise<Map<string, SeenFile>> {
  const seen = await eachAtOnce(files, async (file) => {
    const now = await glance(disk, file)
    const isChanged = now !== null && (now.changedMs !== file.changedMs || now.sizeBytes !== file.sizeBytes)
    return { file, isThere: now !== null, isChanged }
  })
  return new Map(seen.map((entry) => [entry.file.trackId, entry]))
}

async function eachAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let first = 0; first < items.length; first += AT_ONCE)
    results.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(work))))
  return results
}
