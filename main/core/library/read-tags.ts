import type { FileHandle } from 'node:fs/promises'
import { type IAudioMetadata, parseFromTokenizer } from 'music-metadata'
import { FileTokenizer } from 'strtok3'
import { ascii, bytesReader } from '../../../contract/audio/byte-reader.ts'
import { sniffFormat } from '../../../contract/audio/sniff-format.ts'
import type { Disk } from './disk.ts'
import type { Tags } from './rows.ts'

/** What the file itself says; null when it is no audio file that can be read. The content decides what it is, not its name. */
export async function readTags(disk: Disk, path: string): Promise<Tags | null> {
  try {
    const file = await disk.open(path, 'r')
    try {
      return await tagsOf(file)
    } finally {
      await file.close()
    }
  } catch {
    // A damaged file may fail in any way at all; that it is damaged is told by its hash.
    return null
  }
}

async function tagsOf(file: FileHandle): Promise<Tags | null> {
  if (!(await mayBeAudio(file))) return null
  const { size } = await file.stat()
  const { format, common } = await parseFromTokenizer(new NamelessFile(file, size))
  return format.container === undefined || format.codec === undefined ? null : toTags(common)
}

/** With a name the parser would believe its ending. */
class NamelessFile extends FileTokenizer {
  constructor(file: FileHandle, size: number) {
    super(file, { fileInfo: { size } })
  }
}

const HEAD = 16

/** Whether the first bytes are those of one of our formats, or of tags before them. */
async function mayBeAudio(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0)
  const head = buffer.subarray(0, bytesRead)
  return ascii(head, 0, 3) === 'ID3' || (await sniffFormat(bytesReader(head))) !== null
}

function toTags(common: IAudioMetadata['common']): Tags {
  return {
    title: tidy(common.title),
    artist: tidy(common.artist),
    album: tidy(common.album),
    bpm: common.bpm !== undefined && Number.isFinite(common.bpm) ? common.bpm : null,
    key: tidy(common.key),
    hasCover: (common.picture?.length ?? 0) > 0,
  }
}

/** Half a chunk of a cut file may come out as a text of control characters. */
function tidy(text: string | undefined): string | null {
  const clean = (text ?? '')
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return clean === '' ? null : clean.slice(0, 500)
}
