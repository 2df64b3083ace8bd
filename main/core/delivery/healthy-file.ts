import type { DatabaseSync } from 'node:sqlite'
import type { AudioFormat } from '../../../contract/values.ts'
import type { Disk } from '../library/disk.ts'
import { formatOfFile } from '../library/local-format.ts'
import { glance } from '../library/local-state.ts'
import { findLocalFile } from '../library/rows.ts'

/** Whether a track's file is here as it should be, and in `format` where one is asked for; it is not read for that. */
export async function isHealthy(
  disk: Disk,
  db: DatabaseSync,
  trackId: string,
  format: AudioFormat | null = null,
): Promise<boolean> {
  const file = findLocalFile(db, trackId)
  if (file === null || file.state === 'damaged' || (await glance(disk, file)) === null) return false
  return format === null || (await formatOfFile(disk, file)) === format
}
