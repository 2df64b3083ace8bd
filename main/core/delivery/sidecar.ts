import path from 'node:path'
import { z } from 'zod'
import { ContentRef, Id, Sha256 } from '../../../contract/values.ts'
import { type Disk, onDisk, removeFile, syncFolder, systemCode } from '../library/disk.ts'

/** What lies beside a part file, so that it is known again when the local database is lost. No token, no secret. */
const Sidecar = z.object({
  version: z.literal(1),
  downloadId: Id,
  content: ContentRef,
  title: z.string(),
  artist: z.string(),
  objectSha256: Sha256,
  sizeBytes: z.int(),
  attemptId: Id,
})
export type Sidecar = z.infer<typeof Sidecar>

export function partPath(staging: string, downloadId: string): string {
  return path.join(staging, `${downloadId}.part`)
}

/** Where the hints lie that `begun-hints.ts` keeps. */
export function hintsPath(staging: string, downloadId: string): string {
  return path.join(staging, `${downloadId}.begun`)
}

function sidecarPath(staging: string, downloadId: string): string {
  return path.join(staging, `${downloadId}.json`)
}

/** Writes the sidecar anew, whole or not at all. */
export async function writeSidecar(disk: Disk, staging: string, sidecar: Sidecar): Promise<void> {
  await onDisk(async () => {
    const target = sidecarPath(staging, sidecar.downloadId)
    const file = await disk.open(`${target}.tmp`, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify(sidecar))
    } finally {
      await file.close()
    }
    await disk.rename(`${target}.tmp`, target)
  })
}

/** The sidecars of a staging folder that can be read; none where the folder is not there. */
export async function readSidecars(disk: Disk, staging: string): Promise<Sidecar[]> {
  const names = await disk.readdir(staging).catch(() => [])
  const read = names
    .filter((name) => name.endsWith('.json'))
    .map(async (name) => {
      const text = await disk.readFile(path.join(staging, name), 'utf8').catch(() => '')
      return Sidecar.safeParse(parse(text)).data
    })
  return (await Promise.all(read)).filter((sidecar) => sidecar !== undefined)
}

/** Removes everything that a download has in its staging folder. */
export async function removeStaged(disk: Disk, staging: string, downloadId: string): Promise<void> {
  await onDisk(async () => {
    await removeFile(disk, partPath(staging, downloadId))
    await removeFile(disk, sidecarPath(staging, downloadId))
    const pieces = (await disk.readdir(staging).catch(() => [])).filter((name) => name.startsWith(`${downloadId}.`))
    for (const piece of pieces) await removeFile(disk, path.join(staging, piece))
  })
}

/**
 * The same, so that nothing of it comes back after a power cut or with a drive that was pulled out: a sidecar without its row would be taken
 * for a download that lost its database.
 */
export async function removeForGood(disk: Disk, staging: string, downloadId: string): Promise<void> {
  await removeStaged(disk, staging, downloadId)
  try {
    await syncFolder(disk, staging)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
