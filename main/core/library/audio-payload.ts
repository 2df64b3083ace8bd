import { audioPayloadRanges } from '../../../contract/audio/audio-payload-ranges.ts'
import { type ByteReader, sha256Of } from './byte-reader.ts'

/** SHA-256 (hex) of the sound in a file, unchanged by editing its tags or cover; null if it is no MP3, FLAC, WAV or AIFF. */
export async function audioSha256(reader: ByteReader): Promise<string | null> {
  const ranges = await audioPayloadRanges(reader)
  return ranges === null ? null : await sha256Of(reader, ranges)
}
