import type { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
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
    states.push(...(await Promise.all(some.map((file) => verifyFile(disk, db, file, file, signal)))))
    onRead()
  }
  if (!states.includes('missing')) return states
  const claimed = new Set(listLocalFiles(db).map(placeOf))
  const moved = lookForMoved(disk, libraryFolder, (place) => claimed.has(place), signal)
  // One after the other, so that no two take the same file for theirs.
  for (const [index, file] of files.entries()) {
    if (states[index] !== 'missing') continue
    const found = await moved.find(file)
    if (found !== null) states[index] = await verifyFile(disk, db, { ...file, ...found }, file, signal)
  }
  return states
}

/** Reads a file that is `known`, perhaps from another place. */
async function verifyFile(
  disk: Disk,
  db: DatabaseSync,
  file: LocalFile,
  known: LocalFile,
  signal?: AbortSignal,
): Promise<FileState> {
  // As it was before: one that is changed while it is read is seen to be another at the next look.
  const seen = await glance(disk, file)
  const state = await examine(disk, file, signal)
  if (state !== 'missing' && seen !== null) await remember(disk, db, { ...file, ...seen, state }, known)
  return state
}

/**
 * Keeps what was read of a track's file, with its tags, in place of what was `known` before it was read. Keeps nothing where that is known no
 * longer, because the track has come anew meanwhile.
 */
export async function remember(disk: Disk, db: DatabaseSync, file: LocalFile, known: LocalFile | null): Promise<void> {
  const isKnown = () => db.isOpen && isDeepStrictEqual(findLocalFile(db, file.trackId), known)
  // Where nothing is new thousands of healthy files are verified without a write.
  if (!isKnown() || (known !== null && isAsKnown(file, known))) return
  const tags = file.state === 'damaged' ? file.tags : ((await readTags(disk, placeOf(file))) ?? file.tags)
  if (isKnown()) saveLocalFile(db, { ...file, tags })
}

function isAsKnown(file: LocalFile, known: LocalFile): boolean {
  return (
    placeOf(known) === placeOf(file) &&
    known.state === file.state &&
    known.sizeBytes === file.sizeBytes &&
    known.changedMs === file.changedMs
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
