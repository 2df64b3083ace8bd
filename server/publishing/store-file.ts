import { createReadStream } from 'node:fs'
import { objectKey } from '../adapters/object-key.ts'
import { hashObject, type ObjectHashes } from '../audio/segment-hashes.ts'
import type { ObjectStore } from '../ports.ts'

export interface StoredFile extends ObjectHashes {
  readonly key: string
  readonly mimeType: string
}

/** Puts a file into the object store under its content address; a file that is there already costs one reading. Throws `storage-unavailable`. */
export async function storeFile(objects: ObjectStore, path: string, mimeType: string): Promise<StoredFile> {
  const hashes = await hashObject(createReadStream(path))
  const key = objectKey(hashes.sha256)
  await objects.putFile(key, path, { sha256: hashes.sha256, sizeBytes: hashes.sizeBytes, mimeType })
  return { ...hashes, key, mimeType }
}
