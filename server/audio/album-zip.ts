import { crc32 } from 'node:zlib'
import { AppError } from '../../contract/errors.ts'
import type { ZipEntry, ZipSource } from './zip-entry.ts'
import { centralDirectory, localHeader } from './zip-records.ts'

export interface ZipPlan {
  /** Bytes of the whole archive. */
  readonly size: number
  readonly entries: readonly ZipEntry[]
}

/** Where everything will stand in a store-only archive of these files, in this order, before a byte of it is written. */
export function planAlbumZip(sources: readonly ZipSource[]): ZipPlan {
  let position = 0
  const entries = sources.map((source) => {
    const offset = position + localHeader(source).length
    position = offset + source.size
    return { ...source, offset }
  })
  return { size: position + centralDirectory(entries, position).length, entries }
}

/**
 * The bytes of the planned archive; `open` gives the bytes of one file. The same plan and files give the same bytes
 * always: fixed times, no data descriptors. Throws `hash-mismatch` if a file is not what the plan says.
 */
export async function* albumZipBytes(
  plan: ZipPlan,
  open: (entry: ZipEntry) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let end = 0
  for (const entry of plan.entries) {
    yield localHeader(entry)
    let size = 0
    let checksum = 0
    for await (const chunk of open(entry)) {
      size += chunk.length
      checksum = crc32(chunk, checksum)
      yield chunk
    }
    if (size !== entry.size || checksum !== entry.crc32) {
      throw new AppError('hash-mismatch', `The file for ${entry.name} is not the one that was planned`)
    }
    end = entry.offset + entry.size
  }
  yield centralDirectory(plan.entries, end)
}
