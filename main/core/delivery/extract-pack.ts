import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { PackEntry } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, onDisk, removeFile } from '../library/disk.ts'

const BLOCK = 1 << 20

/** One file of a pack, and where its copy goes. */
export interface Piece {
  readonly entry: PackEntry
  readonly target: string
}

/**
 * Copies files out of a verified pack by the places that the server named; the zip's own names and tables are not read. `extracted` hears, in
 * their order, of the copies that are synced and have the hash that the server named; of these too when another fails, which ends the work.
 * Throws `corrupt-source` for one that has another hash, what the disk does, and an abort of `signal` as its reason.
 */
export async function extractPieces(
  disk: Disk,
  pack: string,
  pieces: readonly Piece[],
  extracted: (piece: Piece) => void,
  signal: AbortSignal,
): Promise<void> {
  await onDisk(async () => {
    const source = await disk.open(pack, 'r')
    const syncs: Promise<unknown>[] = []
    try {
      // The next one is hashed meanwhile, and many syncs at once cost the disk little more than one.
      for (const piece of pieces) syncs.push(failureOf(syncAndClose(await copyPiece(disk, source, piece, signal))))
    } finally {
      const failures = await Promise.all(syncs)
      pieces.filter((_, index) => failures[index] === null).forEach(extracted)
      await source.close()
    }
    const failure = (await Promise.all(syncs)).find((one) => one !== null)
    if (failure !== undefined) throw failure
  })
}

/** Answers the copy, complete and right, and still open. */
async function copyPiece(
  disk: Disk,
  source: FileHandle,
  { entry, target }: Piece,
  signal: AbortSignal,
): Promise<FileHandle> {
  await removeFile(disk, target)
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
    return copy
  } catch (error) {
    await copy.close()
    throw error
  }
}

async function syncAndClose(copy: FileHandle): Promise<void> {
  try {
    await copy.sync()
  } finally {
    await copy.close()
  }
}

/** What went wrong with it; null for nothing. Never rejects: it is looked at later. */
async function failureOf(work: Promise<void>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => error,
  )
}
