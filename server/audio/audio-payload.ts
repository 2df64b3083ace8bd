import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { audioPayloadRanges } from '../../contract/audio/audio-payload-ranges.ts'
import type { ByteReader } from '../../contract/audio/byte-reader.ts'

const BLOCK = 1 << 20

/** SHA-256 (hex) of the sound in a file, unchanged by editing its tags; null if it is no MP3, FLAC, WAV or AIFF. */
export async function audioSha256(reader: ByteReader): Promise<string | null> {
  const ranges = await audioPayloadRanges(reader)
  if (ranges === null) return null
  const hash = createHash('sha256')
  for (const { start, end } of ranges) {
    for (let position = start; position < end; ) {
      const bytes = await reader.read(position, Math.min(BLOCK, end - position))
      if (bytes.length === 0) break
      hash.update(bytes)
      position += bytes.length
    }
  }
  return hash.digest('hex')
}

/** `audioSha256` of a file on disk; throws what the file system throws. */
export async function audioSha256OfFile(path: string): Promise<string | null> {
  await using file = await open(path)
  const { size } = await file.stat()
  const read = async (position: number, length: number): Promise<Uint8Array> => {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  }
  return await audioSha256({ size, read })
}
