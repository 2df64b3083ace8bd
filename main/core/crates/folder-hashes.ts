import path from 'node:path'
import { audioSha256 } from '../library/audio-payload.ts'
import { type ByteReader, sha256Of, withReader } from '../library/byte-reader.ts'
import type { Disk } from '../library/disk.ts'
import type { FolderFile, ManifestFile } from './rules.ts'

/** What the files of one folder hold. Each is read once at most for its bytes and once for its sound, however many tracks it is compared with. */
export interface FolderHashes {
  /** False too for a file that can not be read. */
  hasBytes(file: FolderFile, sha256: string): Promise<boolean>
  /** True for the same bytes, and for the same sound with other tags. */
  hasSound(file: FolderFile, known: ManifestFile): Promise<boolean>
}

/** For one look at a folder: what is changed afterwards is not read again. */
export function createFolderHashes(disk: Disk, folder: string): FolderHashes {
  const bytes = new Map<string, Promise<string | null>>()
  const sounds = new Map<string, Promise<string | null>>()

  function hashOf(
    { name }: FolderFile,
    known: Map<string, Promise<string | null>>,
    read: (reader: ByteReader) => Promise<string | null>,
  ): Promise<string | null> {
    const hash = known.get(name) ?? withReader(disk, path.join(folder, name), read).catch(() => null)
    known.set(name, hash)
    return hash
  }

  const hasBytes = async (file: FolderFile, sha256: string) => (await hashOf(file, bytes, sha256Of)) === sha256
  return {
    hasBytes,
    async hasSound(file, known) {
      if (file.sizeBytes === known.sizeBytes && (await hasBytes(file, known.sha256))) return true
      return known.audioSha256 !== null && (await hashOf(file, sounds, audioSha256)) === known.audioSha256
    },
  }
}
