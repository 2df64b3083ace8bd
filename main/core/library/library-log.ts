import path from 'node:path'
import { z } from 'zod'
import { Id, Sha256 } from '../../../contract/values.ts'
import { type Disk, onDisk } from './disk.ts'
import { glance } from './local-state.ts'
import type { LocalFile } from './rows.ts'

/** Lies in the library folder: one line for each file that came, so that the files are known again without the local database. */
export const LIBRARY_LOG = '.mixmint-library.jsonl'

const Line = z.object({
  trackId: Id,
  fileName: z.string().refine((name) => path.basename(name) === name && name !== '..' && !name.includes('\\')),
  sizeBytes: z.int(),
  changedMs: z.number(),
  sha256: Sha256,
  audioSha256: Sha256.nullable(),
})
type Line = z.infer<typeof Line>

/** Adds files that came into a folder. Throws what the disk does. */
export async function logArrivals(disk: Disk, folder: string, files: readonly LocalFile[]): Promise<void> {
  if (files.length === 0) return
  const lines = files.map(({ trackId, fileName, sizeBytes, changedMs, sha256, audioSha256 }) => {
    const line: Line = { trackId, fileName, sizeBytes, changedMs, sha256, audioSha256 }
    return JSON.stringify(line)
  })
  await onDisk(async () => {
    const log = await disk.open(path.join(folder, LIBRARY_LOG), 'a', 0o666)
    try {
      // A line that a crash cut short is ended first, so that it spoils no other.
      await log.writeFile(`\n${lines.join('\n')}\n`)
    } finally {
      await log.close()
    }
  })
}

/**
 * The files of a library folder that came by themselves for the given tracks and are still at their place, unchanged or not, as rows:
 * state `here` says only that size and time are as they were, so a changed one is to be examined.
 */
export async function readLibraryLog(
  disk: Disk,
  folder: string,
  trackIds: ReadonlySet<string>,
  addedAt: number,
): Promise<{ file: LocalFile; isUnchanged: boolean }[]> {
  const text = await disk.readFile(path.join(folder, LIBRARY_LOG), 'utf8').catch(() => '')
  const latest = new Map<string, Line>()
  for (const part of text.split('\n')) {
    const line = Line.safeParse(parse(part)).data
    if (line !== undefined && trackIds.has(line.trackId)) latest.set(line.trackId, line)
  }
  const found: { file: LocalFile; isUnchanged: boolean }[] = []
  for (const line of latest.values()) {
    const file: LocalFile = { ...line, folder, state: 'here', tags: null, addedAt }
    const seen = await glance(disk, file)
    if (seen === null) continue
    const isUnchanged = seen.sizeBytes === line.sizeBytes && seen.changedMs === line.changedMs
    found.push({ file, isUnchanged })
  }
  return found
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
