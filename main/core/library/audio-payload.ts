import type { AudioFormat } from '../../../contract/values.ts'
import { id3v2Length, iffChunks, sniffFormat } from './audio-container.ts'
import { type ByteReader, type Span, sha256Of } from './byte-reader.ts'

/** SHA-256 (hex) of the sound in a file, unchanged by editing its tags or cover; null if it is no MP3, FLAC, WAV or AIFF. */
export async function audioSha256(reader: ByteReader): Promise<string | null> {
  const format = await sniffFormat(reader)
  return format === null ? null : await sha256Of(reader, await SOUND[format](reader))
}

/** The bytes that are sound, in the order in which they are hashed. */
const SOUND = {
  mp3: async (reader) => [{ start: await id3v2Length(reader), end: await endOfSound(reader) }],
  flac: flacSpans,
  wav: (reader) => chunkSpans(reader, ['fmt ', 'data']),
  aiff: (reader) => chunkSpans(reader, ['COMM', 'SSND']),
} as const satisfies Record<AudioFormat, (reader: ByteReader) => Promise<Span[]>>

/** Named chunks in the named order: a writer of tags may put chunks elsewhere. */
async function chunkSpans(reader: ByteReader, ids: readonly string[]): Promise<Span[]> {
  const chunks = await iffChunks(reader)
  return ids.flatMap((id) => chunks.filter((chunk) => chunk.id === id))
}

/** RFC 9639 §8: STREAMINFO, then from behind the last metadata block to the end or to a tag behind the frames. */
async function flacSpans(reader: ByteReader): Promise<Span[]> {
  const spans: Span[] = []
  let position = (await id3v2Length(reader)) + 4
  for (let isLast = false; !isLast; ) {
    const head = await reader.read(position, 4)
    if (head.length < 4) return spans
    const start = position + 4
    position = start + head.readUIntBE(1, 3)
    isLast = (head.readUInt8(0) & 0x80) !== 0
    if ((head.readUInt8(0) & 0x7f) === 0) spans.push({ start, end: position })
  }
  return [...spans, { start: position, end: await endOfSound(reader) }]
}

/** Where the sound ends: before an ID3v1 tag, an APEv2 tag, or both. */
async function endOfSound(reader: ByteReader): Promise<number> {
  let end = reader.size
  if (end >= 128 && (await reader.read(end - 128, 3)).toString('latin1') === 'TAG') end -= 128
  const footer = await reader.read(Math.max(0, end - 32), 32)
  if (end >= 32 && footer.toString('latin1', 0, 8) === 'APETAGEX') {
    const hasHeader = footer.readUInt32LE(20) >= 0x80000000
    end -= footer.readUInt32LE(12) + (hasHeader ? 32 : 0)
  }
  return end
}
