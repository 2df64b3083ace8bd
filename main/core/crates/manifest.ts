import path from 'node:path'
import { z } from 'zod'
import { Id, Sha256 } from '../../../contract/values.ts'
import { type Disk, onDisk } from '../library/disk.ts'

/** The file by which a crate's folder is known again, whatever happened to the local database. */
export const MANIFEST = '.mixmint-crate.json'

export const Manifest = z.object({
  version: z.literal(1),
  crateId: Id,
  /** The playlist as it was written last. */
  playlist: z.object({ name: z.string(), sha256: Sha256 }).nullable(),
  files: z.array(
    z.object({
      trackId: Id,
      name: z.string(),
      givenName: z.string(),
      sha256: Sha256,
      audioSha256: Sha256.nullable(),
      sizeBytes: z.int(),
      changedMs: z.number(),
    }),
  ),
})
export type Manifest = z.infer<typeof Manifest>

/** The manifest of a folder; null where there is none that can be read. A name that leads out of the folder is not believed. */
export async function readManifest(disk: Disk, folder: string): Promise<Manifest | null> {
  const text = await disk.readFile(path.join(folder, MANIFEST), 'utf8').catch(() => null)
  if (text === null) return null
  const manifest = Manifest.safeParse(parse(text)).data
  if (manifest === undefined) return null
  const { playlist, files } = manifest
  const isOurs = playlist !== null && !/[\\/]/.test(playlist.name) && playlist.name.endsWith('.m3u8')
  return { ...manifest, playlist: isOurs ? playlist : null, files: files.filter(({ name }) => isInside(name)) }
}

/** Exactly what stands in the file. */
export function toManifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** Writes a small file whole or not at all; one of the same name is replaced, so it must be the crate's own. */
export async function writeOwnFile(
  disk: Disk,
  folder: string,
  name: string,
  text: string,
  temporary: string,
): Promise<void> {
  await onDisk(async () => {
    const staged = path.join(folder, temporary)
    const file = await disk.open(staged, 'wx', 0o666)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.rename(staged, path.join(folder, name))
  })
}

function isInside(name: string): boolean {
  return !path.isAbsolute(name) && !name.split(/[\\/]/).includes('..')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
