import { createHash } from 'node:crypto'
import { AppError } from '../../../contract/errors.ts'
import { sha256Of, toReader } from '../library/byte-reader.ts'
import { type Disk, systemCode } from '../library/disk.ts'

const BLOCK = 1 << 20

export interface Copy {
  readonly sizeBytes: number
  readonly sha256: string
}

/**
 * Puts the library's file under a temporary name into another folder: a second name of the same file where the volume is the same, else a
 * copy that was read back and has the same hash. Answers the bytes that were copied and their SHA-256; null where nothing was. Throws what the
 * file system throws, `disk-error` for a copy that differs.
 */
export async function stageFile(disk: Disk, source: string, target: string): Promise<Copy | null> {
  try {
    await disk.link(source, target)
    return null
  } catch (error) {
    if (systemCode(error) === 'EEXIST' || systemCode(error) === 'ENOENT') throw error
    return await copyVerified(disk, source, target)
  }
}

async function copyVerified(disk: Disk, source: string, target: string): Promise<Copy> {
  const from = await disk.open(source, 'r')
  try {
    const to = await disk.open(target, 'wx+', 0o666)
    try {
      const hash = createHash('sha256')
      let copied = 0
      for (;;) {
        const { buffer, bytesRead } = await from.read(Buffer.allocUnsafe(BLOCK), 0, BLOCK, copied)
        if (bytesRead === 0) break
        const bytes = buffer.subarray(0, bytesRead)
        hash.update(bytes)
        await to.writeFile(bytes)
        copied += bytesRead
      }
      await to.sync()
      const sha256 = hash.digest('hex')
      if ((await sha256Of(await toReader(to))) !== sha256)
        throw new AppError('disk-error', 'The copy differs from the file')
      return { sizeBytes: copied, sha256 }
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}
