import path from 'node:path'
import { audioSha256 } from './audio-payload.ts'
import { type ByteReader, sha256Of, withReader } from './byte-reader.ts'
import type { Disk } from './disk.ts'
import type { LocalFile } from './rows.ts'

export type FileState = LocalFile['state'] | 'missing'

export function placeOf({ folder, fileName }: LocalFile): string {
  return path.join(folder, fileName)
}

/** The file as the directory shows it; null when it is not there, or is no plain file. */
export async function glance(disk: Disk, file: LocalFile): Promise<{ sizeBytes: number; changedMs: number } | null> {
  try {
    const { size, mtimeMs, ...stat } = await disk.lstat(placeOf(file))
    return isPlain(stat) ? { sizeBytes: size, changedMs: mtimeMs } : null
  } catch {
    return null
  }
}

function isPlain({ mode }: { readonly mode: number }): boolean {
  return (mode & 0o170000) === 0o100000
}

/**
 * What reading the whole file shows. `here`: byte for byte as delivered. `retagged`: its sound is as delivered, so it is healthy and the
 * user's own. `damaged`: neither. An abort of `signal` is thrown as its reason.
 */
export async function examine(disk: Disk, file: LocalFile, signal?: AbortSignal): Promise<FileState> {
  const look = async (reader: ByteReader): Promise<FileState> => {
    if ((await sha256Of(reader)) === file.sha256) return 'here'
    return file.audioSha256 !== null && (await audioSha256(reader)) === file.audioSha256 ? 'retagged' : 'damaged'
  }
  try {
    return await withReader(disk, placeOf(file), look, signal)
  } catch {
    signal?.throwIfAborted()
    return (await glance(disk, file)) === null ? 'missing' : 'damaged'
  }
}
