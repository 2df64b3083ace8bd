import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { type Disk, onDisk } from './disk.ts'

/** Random access to the bytes of one file. */
export interface ByteReader {
  /** Bytes in all. */
  readonly size: number
  /** The bytes from `position`; fewer than `length` where the file ends before. */
  read(position: number, length: number): Promise<Buffer>
}

/**
 * Runs `work` over a file that is open for it; an abort of `signal` ends its next read with the reason. Throws what the failure means
 * (`disk-error`, `folder-missing`, …).
 */
export async function withReader<T>(
  disk: Disk,
  path: string,
  work: (reader: ByteReader) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return await onDisk(async () => {
    signal?.throwIfAborted()
    const file = await disk.open(path, 'r')
    try {
      const reader = await toReader(file)
      return await work(signal === undefined ? reader : stoppable(reader, signal))
    } finally {
      await file.close()
    }
  })
}

function stoppable(reader: ByteReader, signal: AbortSignal): ByteReader {
  return {
    size: reader.size,
    read(position, length) {
      signal.throwIfAborted()
      return reader.read(position, length)
    },
  }
}

export async function toReader(file: FileHandle): Promise<ByteReader> {
  const { size } = await file.stat()
  return {
    size,
    async read(position, length) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
      return buffer.subarray(0, bytesRead)
    },
  }
}

/** Bytes `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

const BLOCK = 1 << 20

/** SHA-256 (hex) of the spans one after another; by default of everything. */
export async function sha256Of(
  reader: ByteReader,
  spans: readonly Span[] = [{ start: 0, end: reader.size }],
): Promise<string> {
  const hash = createHash('sha256')
  for (const { start, end } of spans) {
    for (let position = start; position < end; ) {
      const bytes = await reader.read(position, Math.min(BLOCK, end - position))
      if (bytes.length === 0) break
      hash.update(bytes)
      position += bytes.length
    }
  }
  return hash.digest('hex')
}
