import type { ObjectStoreTarget } from '../config.ts'
import type { ObjectStore } from '../ports.ts'
import { openFileObjectStore } from './object-store-files.ts'
import { openS3ObjectStore } from './object-store-s3.ts'

/** The object store that the configuration names. */
export function createObjectStore(target: ObjectStoreTarget): ObjectStore {
  return target.kind === 's3' ? openS3ObjectStore(target) : openFileObjectStore(target.folder)
}
