import { createHash } from 'node:crypto'
import type { PackEntry } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, onDisk, removeFile } from '../library/disk.ts'

const BLOCK = 1 << 20

/**
 * Copies one file out of a verified pack by the place that the server named; the zip's own names and tables are not read. The copy is
 * synced and has the hash that the server named. Throws `corrupt-source` when it has not, and what the disk does.
 */
export async function extractEntry(
  disk: Disk,
  pack: string,
  entry: PackEntry,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  await onDisk(async () => {
    await removeFile(disk, target)
    const source = await disk.open(pack, 'r')
    try {
      const copy = await disk.open(target, 'wx', 0o666)
      try {
        const hash = createHash('sha256')
        for (let done = 0; done < entry.sizeBytes; ) {
          signal.throwIfAborted()
          const length = Math.min(BLOCK, entry.sizeBytes - done)
          const { buffer, bytesRead } = await source.read(Buffer.allocUnsafe(length), 0, length, entry.offset + done)
          if (bytesRead === 0) break
          const bytes = buffer.subarray(0, bytesRead)
          hash.update(bytes)
          await copy.writeFile(bytes)
          done += bytesRead
        }
        if (hash.digest('hex') !== entry.sha256) throw new AppError('corrupt-source', undefined, { why: 'pack-entry' })
        await copy.sync()
      } finally {
        await copy.close()
      }
    } finally {
      await source.close()
    }
  })
}
