import { type IAudioMetadata, parseFromTokenizer } from 'music-metadata'
import { fromFile } from 'strtok3'
import type { Tags } from './rows.ts'

/** What the file itself says; null when it is no audio file that can be read. The content decides what it is, not its name. */
export async function readTags(path: string): Promise<Tags | null> {
  try {
    await using file = await openWithoutName(path)
    const { format, common } = await parseFromTokenizer(file)
    return format.container === undefined || format.codec === undefined ? null : toTags(common)
  } catch {
    // A damaged file may fail in any way at all; that it is damaged is told by its hash.
    return null
  }
}

async function openWithoutName(path: string) {
  const tokenizer = await fromFile(path)
  const { size = 0 } = tokenizer.fileInfo
  tokenizer.fileInfo = { size }
  return Object.assign(tokenizer, { [Symbol.asyncDispose]: () => tokenizer.close() })
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
