import type { DatabaseSync } from 'node:sqlite'
import type { Disk } from './disk.ts'
import { findMoved } from './find-moved.ts'
import { examine, type FileState, glance, placeOf } from './local-state.ts'
import { readTags } from './read-tags.ts'
import { type LocalFile, listLocalFiles, saveLocalFile } from './rows.ts'

/** Files looked at, or read, at the same time. */
const AT_ONCE = 8

/** Reads files whole, keeps what they are now, and looks below `libraryFolder` for those that are gone from their place. */
export async function verifyFiles(
  disk: Disk,
  db: DatabaseSync,
  files: readonly LocalFile[],
  libraryFolder: string,
): Promise<FileState[]> {
  const states = await eachAtOnce(files, async (file) => {
    const state = await examine(disk, file)
    if (state !== 'missing') await remember(disk, db, { ...file, state })
    return state
  })
  // One after the other, so that no two take the same file for theirs.
  for (const [index, file] of files.entries())
    if (states[index] === 'missing') states[index] = await findMissing(disk, db, file, libraryFolder)
  return states
}

async function findMissing(disk: Disk, db: DatabaseSync, file: LocalFile, libraryFolder: string): Promise<FileState> {
  const claimed = new Set(listLocalFiles(db).map(placeOf))
  const folders = [...new Set([file.folder, libraryFolder])]
  const found = await findMoved(disk, file, folders, (place) => claimed.has(place))
  if (found === null) return 'missing'
  const moved = { ...file, ...found }
  const state = await examine(disk, moved)
  if (state !== 'missing') await remember(disk, db, { ...moved, state })
  return state
}

/** Keeps a file with the size, time and tags that it has now. */
export async function remember(disk: Disk, db: DatabaseSync, file: LocalFile): Promise<void> {
  const seen = await glance(disk, file)
  const tags = file.state === 'damaged' ? file.tags : ((await readTags(placeOf(file))) ?? file.tags)
  if (seen !== null && db.isOpen) saveLocalFile(db, { ...file, ...seen, tags })
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
