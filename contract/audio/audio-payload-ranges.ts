import type { AudioFormat } from '../values.ts'
import { ascii, type ByteReader, viewOf } from './byte-reader.ts'
import { id3v2Length } from './id3-length.ts'
import { type IffChunk, iffChunks } from './iff-chunks.ts'
import { sniffFormat } from './sniff-format.ts'

/** Bytes `start` up to, not including, `end`. */
export interface PayloadRange {
  readonly start: number
  readonly end: number
}

/**
 * The bytes of a file that are its sound, in the order in which they are hashed; editing tags or covers never changes
 * them. MP3: between the tags; FLAC: STREAMINFO and the frames; WAV: `fmt ` and `data`; AIFF: `COMM` and `SSND`.
 * Null if the file is none of the four.
 */
export async function audioPayloadRanges(reader: ByteReader): Promise<PayloadRange[] | null> {
  const format = await sniffFormat(reader)
  return format === null ? null : RANGES[format](reader)
}

const RANGES = {
  mp3: async (reader) => [{ start: await id3v2Length(reader), end: await endOfSound(reader) }],
  flac: flacRanges,
  wav: (reader) => chunkRanges(reader, ['fmt ', 'data']),
  aiff: (reader) => chunkRanges(reader, ['COMM', 'SSND']),
} as const satisfies Record<AudioFormat, (reader: ByteReader) => Promise<PayloadRange[]>>

/** Named chunks in the named order: a writer of tags may put chunks elsewhere. */
async function chunkRanges(reader: ByteReader, ids: readonly string[]): Promise<PayloadRange[]> {
  const found: IffChunk[] = []
  for await (const chunk of iffChunks(reader)) found.push(chunk)
  return ids.flatMap((id) => found.filter((chunk) => chunk.id === id)).map(({ start, end }) => ({ start, end }))
}

/** RFC 9639 §8: metadata blocks, the last one marked, then frames up to the end or to a tag behind them. */
async function flacRanges(reader: ByteReader): Promise<PayloadRange[]> {
  const ranges: PayloadRange[] = []
  let position = (await id3v2Length(reader)) + 4
  for (;;) {
    const head = await reader.read(position, 4)
    if (head.length < 4) return ranges
    const view = viewOf(head)
    const start = position + 4
    const end = start + (view.getUint32(0) & 0xffffff)
    if ((view.getUint8(0) & 0x7f) === 0) ranges.push({ start, end })
    position = end
    if (view.getUint8(0) & 0x80) break
  }
  ranges.push({ start: position, end: await endOfSound(reader) })
  return ranges
}

/** Where the sound ends: before an ID3v1 tag, an APEv2 tag, or both. */
async function endOfSound(reader: ByteReader): Promise<number> {
  let end = reader.size
  if (end >= 128 && ascii(await reader.read(end - 128, 3), 0, 3) === 'TAG') end -= 128
  const footer = await reader.read(Math.max(0, end - 32), 32)
  if (end >= 32 && ascii(footer, 0, 8) === 'APETAGEX') {
    const view = viewOf(footer)
    const hasHeader = view.getUint32(20, true) >= 0x80000000
    end -= view.getUint32(12, true) + (hasHeader ? 32 : 0)
  }
  return end
}
