import { sniffFormat } from '../../../contract/audio/sniff-format.ts'
import type { AudioFormat } from '../../../contract/values.ts'
import { withReader } from './byte-reader.ts'
import type { Disk } from './disk.ts'
import { placeOf } from './local-state.ts'
import type { LocalFile } from './rows.ts'

const BY_ENDING: Readonly<Record<string, AudioFormat>> = {
  mp3: 'mp3',
  flac: 'flac',
  wav: 'wav',
  wave: 'wav',
  aiff: 'aiff',
  aif: 'aiff',
}

/** The format that a file's name claims; null for any other ending. */
export function formatOfName(name: string): AudioFormat | null {
  return BY_ENDING[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? null
}

/** The format of a file by its bytes, or by its name where they can not be read or say nothing. */
export async function formatOfFile(disk: Disk, file: LocalFile): Promise<AudioFormat | null> {
  const seen = await withReader(disk, placeOf(file), sniffFormat).catch(() => null)
  return seen ?? formatOfName(file.fileName)
}
