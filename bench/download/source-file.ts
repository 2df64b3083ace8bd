import { createCipheriv, createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { hashObject, type ObjectHashes } from '../../server/audio/segment-hashes.ts'

export interface SourceFile extends ObjectHashes {
  readonly path: string
}

const BLOCK_BYTES = 4 * 1024 * 1024

/** Writes a file of bytes that no layer can compress, the same for the same name, and tells everything a store says of it. */
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
  for (let left = sizeBytes; left > 0; left -= BLOCK_BYTES) yield stream.update(zeros.subarray(0, left))
}
