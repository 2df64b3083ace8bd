import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { VolumePlan } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, freeBytes } from '../library/disk.ts'
import type { LibraryVolume } from '../library/volume.ts'
import { volumeFacts, volumeName } from '../library/volume-facts.ts'
import { type CopyFolder, planCopies } from './copies-plan.ts'
import { listToCome } from './plan-rows.ts'
import { listUnderWay } from './rows.ts'
import { roomNeeded } from './space-rules.ts'

export interface PlanNeeds {
  readonly disk: Disk
  readonly db: DatabaseSync
  readonly volume: LibraryVolume
  readonly libraryFolder: () => string
  readonly dataFolder: string
  readonly keepsPackZips: () => boolean
  /** Bytes of a download that are here now. */
  readonly receivedBytes: (id: string) => number
  readonly copyFolders: () => readonly CopyFolder[]
}

/** Whether all that is still to come fits where it is to go: the library's volume first, then those of copies. */
export async function planQueue(needs: PlanNeeds): Promise<VolumePlan[]> {
  const { disk, db, volume, libraryFolder, dataFolder, keepsPackZips, receivedBytes } = needs
  const underWay = new Set(listUnderWay(db).map(({ id }) => id))
  const downloads = listToCome(db).map((one) =>
    underWay.has(one.id) ? { ...one, receivedBytes: receivedBytes(one.id) } : one,
  )
  const isConnected = await isThere(volume)
  const folder = isConnected ? await nearest(disk, libraryFolder()) : null
  const free = folder === null ? null : await freeBytes(disk, folder)
  const facts = folder === null ? null : await volumeFacts(disk, folder, dataFolder).catch(() => null)
  const own: VolumePlan = {
    name: volume.name() ?? (facts?.isRemovable === true ? volumeName(facts.mount) : THIS_COMPUTER),
    isForCopies: false,
    isConnected,
    downloads: downloads.length,
    freeBytes: free,
    ...roomNeeded(downloads, free, keepsPackZips()),
  }
  const device = folder === null ? null : (await disk.stat(folder)).dev
  return [own, ...(await planCopies(needs, downloads, device))]
}

const THIS_COMPUTER = 'This computer'

async function isThere(volume: LibraryVolume): Promise<boolean> {
  try {
    await volume.assertThere()
    return true
  } catch (error) {
    if (error instanceof AppError) return error.code !== 'drive-missing'
    throw error
  }
}

/** The folder, or the one above it that is there: the default one is made when the first file comes. */
async function nearest(disk: Disk, folder: string): Promise<string | null> {
  for (let at = folder; ; at = path.dirname(at)) {
    const isHere = await disk.stat(at).then(
      () => true,
      () => false,
    )
    if (isHere) return at
    if (path.dirname(at) === at) return null
  }
}
