import path from 'node:path'
import { z } from 'zod'
import { type Disk, syncFolder, systemCode } from './disk.ts'

/** What lies in a library folder on a volume of its own, so that the volume is known again wherever it is mounted. */
const VolumeMarker = z.object({ id: z.uuid(), name: z.string().max(255) })
export type VolumeMarker = z.infer<typeof VolumeMarker>

const NAME = '.mixmint-volume.json'

/** The marker of a folder; `none` where there is none, `unreadable` where what is there says nothing. Throws what else the disk does. */
export async function readVolumeMarker(disk: Disk, folder: string): Promise<VolumeMarker | 'none' | 'unreadable'> {
  let text: string
  try {
    text = await disk.readFile(path.join(folder, NAME), 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return 'none'
    throw error
  }
  return VolumeMarker.safeParse(parse(text)).data ?? 'unreadable'
}

/** Writes the marker, whole or not at all. Throws what the disk does. */
export async function writeVolumeMarker(disk: Disk, folder: string, marker: VolumeMarker): Promise<void> {
  const target = path.join(folder, NAME)
  const file = await disk.open(`${target}.tmp`, 'w')
  try {
    await file.writeFile(`${JSON.stringify(marker)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(`${target}.tmp`, target)
  await syncFolder(disk, folder)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
