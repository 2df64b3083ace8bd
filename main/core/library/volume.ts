import path from 'node:path'
import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import type { Random, SettingsStore } from '../ports.ts'
import { type Disk, onDisk, syncFolder } from './disk.ts'
import { isMountPoint, lookAtFolder, mountsIn, type VolumeFacts, volumeFacts, volumeName } from './volume-facts.ts'
import { readVolumeMarker, writeVolumeMarker } from './volume-marker.ts'

/** The volume of the library folder, known by an id that lies in the folder, not by where it is mounted. */
export interface LibraryVolume {
  /**
   * Sees to it that the library folder is that of its own volume. A volume that is mounted elsewhere now is used there, and the library folder
   * follows; a default folder that is not there yet is left for others to make. Throws `drive-missing` with `driveName`, and what the disk does.
   */
  assertThere(): Promise<void>
  /** The name of the volume as it was seen last; null where the library lies beside the app's own data. */
  name(): string | null
}

interface VolumeNeeds {
  readonly disk: Disk
  readonly random: Random
  readonly settings: Pick<SettingsStore, 'readValue' | 'writeValue'>
  readonly libraryFolder: () => string
  readonly dataFolder: string
  /** Folders in which this system mounts volumes. */
  readonly volumeParents: readonly string[]
  /** Hears that the library folder is at another place now: what was remembered by its path follows it. */
  readonly onMoved: (from: string, to: string) => void
}

/** What is remembered of the volume on which the library lay when it was used last. */
const Remembered = z.object({
  folder: z.string(),
  id: z.uuid(),
  name: z.string(),
  mount: z.string(),
  relative: z.string(),
})
type Remembered = z.infer<typeof Remembered>

/** Values of the settings: where the library is, and what is known of its volume. */
export const LIBRARY_FOLDER = 'libraryFolder'
export const LIBRARY_VOLUME = 'libraryVolume'

export function createLibraryVolume(needs: VolumeNeeds): LibraryVolume {
  const { disk, settings, random, libraryFolder, dataFolder, volumeParents, onMoved } = needs

  let lastFacts: { readonly folder: string; readonly dev: number; readonly facts: VolumeFacts } | null = null

  /** Null for a folder that was chosen since, and for one that lies beside the app's own data. */
  function remembered(): Remembered | null {
    const known = Remembered.safeParse(settings.readValue(LIBRARY_VOLUME)).data
    return known !== undefined && path.resolve(known.folder) === path.resolve(libraryFolder()) ? known : null
  }

  function remember(folder: string, id: string, { mount, relative }: VolumeFacts): void {
    const next: Remembered = { folder, id, name: volumeName(mount), mount, relative }
    const before = remembered()
    if (before === null || JSON.stringify(before) !== JSON.stringify(next)) settings.writeValue(LIBRARY_VOLUME, next)
  }

  /** Walking up to where a folder is mounted shows nothing new while its device is the same. */
  async function factsOf(folder: string): Promise<VolumeFacts> {
    const { dev } = await disk.stat(folder)
    if (lastFacts?.folder !== folder || lastFacts.dev !== dev)
      lastFacts = { folder, dev, facts: await volumeFacts(disk, folder, dataFolder) }
    return lastFacts.facts
  }

  /** The folder is there: is it that of the volume that is remembered, or of one that is worth to be remembered now? */
  async function isOwn(folder: string, known: Remembered | null): Promise<boolean> {
    const facts = await factsOf(folder)
    if (known === null && !facts.isRemovable) return true
    const marker = await readVolumeMarker(disk, folder)
    if (typeof marker !== 'string') {
      if (known !== null && marker.id !== known.id) return false
      // It may be left of a try that ended before its name was durable.
      if (known === null) await syncFolder(disk, folder)
      remember(folder, marker.id, facts)
      return true
    }
    // A marker that can not be read was one; a folder without any is not that of a volume that is known, such as an empty mount point.
    if (known !== null && (marker === 'none' || !facts.isRemovable)) return false
    const id = known?.id ?? random.uuid()
    await writeVolumeMarker(disk, folder, { id, name: volumeName(facts.mount) })
    remember(folder, id, facts)
    return true
  }

  async function findElsewhere(known: Remembered): Promise<string | null> {
    for (const mount of await mountsIn(disk, volumeParents)) {
      const folder = path.join(mount, known.relative)
      const marker = await readVolumeMarker(disk, folder).catch(() => 'none' as const)
      if (typeof marker !== 'string' && marker.id === known.id) return folder
    }
    return null
  }

  async function follow(known: Remembered, folder: string): Promise<void> {
    const facts = await volumeFacts(disk, folder, dataFolder)
    settings.writeValue(LIBRARY_FOLDER, folder)
    remember(folder, known.id, facts)
    if (path.resolve(known.folder) !== path.resolve(folder)) onMoved(known.folder, folder)
  }

  /** Under a folder in which volumes are mounted, the one that the path names, when nothing is mounted there. */
  async function namedByPath(folder: string): Promise<string | null> {
    for (const parent of volumeParents) {
      const [name] = path.relative(parent, folder).split(path.sep)
      if (name === undefined || name === '' || name === '..' || path.isAbsolute(name)) continue
      const inside = await disk.readdir(path.join(parent, name)).catch(() => [])
      if (inside.length === 0) return name
    }
    return null
  }

  async function look(): Promise<void> {
    const folder = libraryFolder()
    const known = remembered()
    const found = await lookAtFolder(disk, folder)
    if (found === 'there' && (await onDisk(() => isOwn(folder, known)))) return
    if (known === null) {
      const name = found === 'there' ? null : await namedByPath(folder)
      if (name !== null) throw new AppError('drive-missing', undefined, { driveName: name })
      return
    }
    const elsewhere = await findElsewhere(known)
    if (elsewhere !== null) return await onDisk(() => follow(known, elsewhere))
    // The volume is there and the folder on it is not: that is no missing drive.
    if (found === 'absent' && (await isMountPoint(disk, known.mount))) throw new AppError('folder-missing')
    throw new AppError('drive-missing', undefined, { driveName: known.name })
  }

  let looking: Promise<void> = Promise.resolve()

  return {
    name: () => remembered()?.name ?? null,
    assertThere() {
      // One after the other: of two that mark a volume at once, one would remember an id that the other has replaced.
      const mine = looking.then(look)
      looking = mine.catch(() => {})
      return mine
    },
  }
}
