import { createHash } from 'node:crypto'
import type { DownloadGrant } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'

/** A strong validator (RFC 9110 §8.8.3): with a weak one parts can not be joined. */
const STRONG_ETAG = /^"[\x21\x23-\x7e]+"$/

export type GrantedObject = DownloadGrant['object']

/** Throws `corrupt-source` when what the server says of a file contradicts itself: then no byte of it could be proved. */
export function assertSoundGrant({ object, contents }: DownloadGrant): void {
  const { sizeBytes, segmentSize, segmentSha256, segmentRoot, etag } = object
  assertThat(segmentSize > 0 && sizeBytes >= 0, 'size')
  assertThat(segmentSha256.length === Math.ceil(sizeBytes / segmentSize), 'segment-count')
  assertThat(segmentRootOf(segmentSha256) === segmentRoot, 'segment-root')
  assertThat(STRONG_ETAG.test(etag), 'etag')
  for (const entry of contents ?? []) {
    assertThat(entry.offset >= 0 && entry.sizeBytes >= 0 && entry.offset + entry.sizeBytes <= sizeBytes, 'contents')
  }
}

/** SHA-256 (hex) of the concatenated raw segment hashes. */
export function segmentRootOf(segmentSha256: readonly string[]): string {
  const root = createHash('sha256')
  for (const hash of segmentSha256) root.update(Buffer.from(hash, 'hex'))
  return root.digest('hex')
}

function assertThat(isSound: boolean, why: string): void {
  if (!isSound)
    throw new AppError('corrupt-source', 'The server describes the file in a way that can not be right', { why })
}
