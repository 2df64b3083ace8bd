import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type Disk, onDisk, removeFile, systemCode } from '../library/disk.ts'

const BLOCK = 1 << 20

/** A file that is being put together: bytes at offsets, hashed where they lie. Every failure is thrown as what it means for the user. */
export interface PartFile extends AsyncDisposable {
  readonly path: string
  /** For another thread of this process, which must be done with it before `close`. */
  readonly fd: number
  /** False when what was there could not be used: nothing of the file is here. */
  readonly wasThere: boolean
  /** When the bytes were last changed, in milliseconds; fractions count. */
  changedAt(): Promise<number>
  /** Bytes; gaps count. */
  size(): Promise<number>
  write(bytes: Uint8Array, offset: number): Promise<void>
  /** A SHA-256 that has taken in the bytes from `offset`; fewer than `length` where the file ends. */
  hash(offset: number, length: number, signal: AbortSignal): Promise<Hash>
  /** Makes everything written durable. */
  sync(): Promise<void>
  /** A `sync` has failed: what was written may be lost although it still reads well (memory holds it), so nothing of it may be believed. */
  readonly hasLostWrites: boolean
  close(): Promise<void>
}

/**
 * Opens `path` for a file of `sizeBytes`, making it where it is not; what is there may be used unless `isDistrusted`. Links are never followed:
 * one that was planted there is removed. Throws `disk-full`, `folder-missing`, `folder-not-writable`, `disk-error`.
 */
export async function openPartFile(
  disk: Disk,
  path: string,
  sizeBytes: number,
  isDistrusted = false,
): Promise<PartFile> {
  if (isDistrusted) await onDisk(() => removeFile(disk, path))
  const found = await onDisk(() => openOwn(disk, path))
  const handle = found ?? (await onDisk(() => createOwn(disk, path)))
  if (found !== null) {
    const { size } = await onDisk(() => found.stat())
    if (size > sizeBytes) await onDisk(() => found.truncate(sizeBytes))
  }
  let isOpen = true
  let hasLostWrites = false
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    // A share of the network tells here what it could not write.
    await onDisk(() => handle.close())
  }
  return {
    path,
    fd: handle.fd,
    wasThere: found !== null,
    changedAt: () => onDisk(async () => (await handle.stat()).mtimeMs),
    size: () => onDisk(async () => (await handle.stat()).size),
    write: (bytes, offset) => onDisk(() => writeAll(handle, bytes, offset)),
    hash: (offset, length, signal) => onDisk(() => hashBytes(handle, offset, length, signal)),
    async sync() {
      try {
        await onDisk(() => handle.sync())
      } catch (error) {
        hasLostWrites = true
        throw error
      }
    },
    get hasLostWrites() {
      return hasLostWrites
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The part file that is there, when it is a plain file with no second name; null otherwise, and then nothing is there. */
async function openOwn(disk: Disk, path: string): Promise<FileHandle | null> {
  let handle: FileHandle
  try {
    handle = await disk.open(path, constants.O_RDWR | constants.O_NOFOLLOW)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    if (systemCode(error) !== 'ELOOP') throw error
    await disk.unlink(path)
    return null
  }
  const { nlink } = await handle.stat()
  if (nlink === 1) return handle
  await handle.close()
  await disk.unlink(path)
  return null
}

function createOwn(disk: Disk, path: string): Promise<FileHandle> {
  return disk.open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o666)
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    try {
      const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, offset + written)
      written += bytesWritten
    } catch (error) {
      if (systemCode(error) !== 'EINTR') throw error
    }
  }
}

async function hashBytes(handle: FileHandle, offset: number, length: number, signal: AbortSignal): Promise<Hash> {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafe(Math.min(BLOCK, length))
  for (let done = 0; done < length; ) {
    signal.throwIfAborted()
    const { bytesRead } = await handle.read(block, 0, Math.min(block.length, length - done), offset + done)
    if (bytesRead === 0) break
    hash.update(block.subarray(0, bytesRead))
    done += bytesRead
  }
  return hash
}
