import { createCipheriv, createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { hashObject, type ObjectHashes } from '../../server/audio/segment-hashes.ts'

export interface SourceFile extends ObjectHashes {
  readonly path: string
}

const BLOCK_BYTES = 4 * 1024 * 1024

/** Writes a sound file of noise, which no layer can compress, the same for the same name, and tells everything a store says of it. */
export async function writeSourceFile(path: string, name: string, sizeBytes: number): Promise<SourceFile> {
  await using file = await open(path, 'w')
  async function* written(): AsyncGenerator<Buffer> {
    for (const block of blocks(name, sizeBytes)) {
      await file.writeFile(block)
      yield block
    }
  }
  const hashes = await hashObject(written())
  await file.sync()
  return { path, ...hashes }
}

function* blocks(name: string, sizeBytes: number): Generator<Buffer> {
  const key = createHash('sha256').update(name).digest().subarray(0, 16)
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  const zeros = Buffer.alloc(BLOCK_BYTES)
  for (let left = sizeBytes; left > 0; left -= BLOCK_BYTES) {
    const block = stream.update(zeros.subarray(0, left))
    if (left === sizeBytes) wavHeader(sizeBytes).copy(block)
    yield block
  }
}

/** The header of 16-bit stereo at 44,100 Hz: a file that claims to be a sound and is none would be read to its end for its tags. */
function wavHeader(sizeBytes: number): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(sizeBytes - 8, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(2, 22)
  header.writeUInt32LE(44_100, 24)
  header.writeUInt32LE(44_100 * 4, 28)
  header.writeUInt16LE(4, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(sizeBytes - 44, 40)
  return header
}
