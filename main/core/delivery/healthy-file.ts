import type { DatabaseSync } from 'node:sqlite'
import type { AudioFormat } from '../../../contract/values.ts'
import { type Disk, lookAt, onDisk } from '../library/disk.ts'
import { formatOfFile } from '../library/local-format.ts'
import { placeOf } from '../library/local-state.ts'
import { findLocalFile } from '../library/rows.ts'

/**
 * Whether a track's file is here as it should be, and in `format` where one is asked for; it is not read for that. Throws what the disk does: a
 * file that can not be looked at now is not missing, and is not to be paid for again.
 */
export async function isHealthy(
  disk: Disk,
  db: DatabaseSync,
  trackId: string,
  format: AudioFormat | null = null,
): Promise<boolean> {
  const file = findLocalFile(db, trackId)
  if (file === null || file.state === 'damaged') return false
  const seen = await onDisk(() => lookAt(disk, placeOf(file)))
  if (seen?.isFile() !== true) return false
  return format === null || (await formatOfFile(disk, file)) === format
}
