import path from 'node:path'
import { audioSha256 } from './audio-payload.ts'
import { sha256Of, withReader } from './byte-reader.ts'
import type { Disk } from './disk.ts'
import type { LocalFile } from './rows.ts'

/** Folders deep that a moved file is looked for. */
const DEEPEST = 4

/** A file that no track claims, with what was read of it so far. */
interface Stray {
  readonly place: string
  readonly sizeBytes: number
  sha256?: Promise<string | null>
  sound?: Promise<string | null>
}

/** Looks for files that are no longer at their place; each file of a folder is read at most once however many are looked for. */
export interface MovedFiles {
  /**
   * Where a file is now: in its folder or the library's, or below, under any name, with the same bytes or the same sound. A place is
   * answered once. Null when it is nowhere. An abort of the signal is thrown as its reason.
   */
  find(file: LocalFile): Promise<{ folder: string; fileName: string } | null>
}

/** `isClaimed` tells the places that are a track's already. */
export function lookForMoved(
  disk: Disk,
  libraryFolder: string,
  isClaimed: (place: string) => boolean,
  signal?: AbortSignal,
): MovedFiles {
  const strays = new Map<string, Promise<Stray[]>>()
  const answered = new Set<string>()

  function straysIn(folder: string): Promise<Stray[]> {
    const known = strays.get(folder) ?? listStrays(folder)
    strays.set(folder, known)
    return known
  }

  async function listStrays(folder: string): Promise<Stray[]> {
    const found: Stray[] = []
    for await (const place of filesBelow(disk, folder, DEEPEST)) {
      signal?.throwIfAborted()
      const stat = isClaimed(place) ? null : await disk.lstat(place).catch(() => null)
      if (stat !== null) found.push({ place, sizeBytes: stat.size })
    }
    return found
  }

  async function read(stray: Stray, work: typeof audioSha256): Promise<string | null> {
    const hash = await withReader(disk, stray.place, work, signal).catch(() => null)
    signal?.throwIfAborted()
    return hash
  }

  async function isSame(stray: Stray, file: LocalFile): Promise<boolean> {
    if (stray.sizeBytes === file.sizeBytes) {
      stray.sha256 ??= read(stray, sha256Of)
      if ((await stray.sha256) === file.sha256) return true
    }
    if (file.audioSha256 === null) return false
    stray.sound ??= read(stray, audioSha256)
    return (await stray.sound) === file.audioSha256
  }

  return {
    async find(file) {
      const ending = path.extname(file.fileName).toLowerCase()
      for (const folder of new Set([file.folder, libraryFolder])) {
        for (const stray of await straysIn(folder)) {
          if (path.extname(stray.place).toLowerCase() !== ending || answered.has(stray.place)) continue
          if (!(await isSame(stray, file))) continue
          answered.add(stray.place)
          return { folder: path.dirname(stray.place), fileName: path.basename(stray.place) }
        }
      }
      return null
    },
  }
}

/** Plain files, hidden ones left out; links are not followed. */
async function* filesBelow(disk: Disk, folder: string, depth: number): AsyncGenerator<string> {
  const entries = await disk.readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const place = path.join(folder, entry.name)
    if (entry.isFile()) yield place
    else if (entry.isDirectory() && depth > 0) yield* filesBelow(disk, place, depth - 1)
  }
}
