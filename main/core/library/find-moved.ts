import path from 'node:path'
import { audioSha256 } from './audio-payload.ts'
import { sha256Of, withReader } from './byte-reader.ts'
import type { Disk } from './disk.ts'
import type { LocalFile } from './rows.ts'

/** Folders deep that a moved file is looked for. */
const DEEPEST = 4

/**
 * Where a file that is no longer at its place is now: below one of `folders`, under any name, with the same bytes or the same sound. Only
 * files that no other track claims are read. Null when it is nowhere.
 */
export async function findMoved(
  disk: Disk,
  file: LocalFile,
  folders: readonly string[],
  isClaimed: (place: string) => boolean,
): Promise<{ folder: string; fileName: string } | null> {
  const ending = path.extname(file.fileName).toLowerCase()
  for (const folder of folders) {
    for await (const place of filesBelow(disk, folder, DEEPEST)) {
      if (path.extname(place).toLowerCase() !== ending || isClaimed(place)) continue
      if (await isSame(disk, file, place)) return { folder: path.dirname(place), fileName: path.basename(place) }
    }
  }
  return null
}

async function isSame(disk: Disk, file: LocalFile, place: string): Promise<boolean> {
  try {
    return await withReader(disk, place, async (reader) => {
      if (reader.size === file.sizeBytes && (await sha256Of(reader)) === file.sha256) return true
      return file.audioSha256 !== null && (await audioSha256(reader)) === file.audioSha256
    })
  } catch {
    return false
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
