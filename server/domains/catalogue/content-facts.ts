import type { AudioFormat, ContentRef, Money } from '../../../contract/values.ts'

/** What a file of the store may be: a sound, or the archive of a pack. */
export type FileFormat = AudioFormat | 'zip'

/** The stored file of a content, as delivery needs it. */
export interface ObjectFacts {
  readonly format: FileFormat
  /** Lower-case hex of the whole file. */
  readonly sha256: string
  /** Where the object store keeps it; never leaves the server. */
  readonly key: string
  readonly sizeBytes: number
  readonly mimeType: string
  /** Bytes of every segment but the last. */
  readonly segmentSize: number
  /** SHA-256 of each segment, lower-case hex, in order. */
  readonly segmentSha256: readonly string[]
  /** SHA-256 of the concatenated raw segment hashes, lower-case hex. */
  readonly segmentRoot: string
  /** SHA-256 of the sound alone, which survives a change of tags; null for a pack. */
  readonly audioSha256: string | null
  /** What the file is called on the buyer's disk, with its ending. */
  readonly fileName: string
}

/** What other domains may know of a track, a pack or a fan upload, whatever its state. */
export interface ContentFacts {
  readonly ref: ContentRef
  readonly djId: string
  readonly title: string
  readonly artist: string
  /** `published` and not `isReady`: shown in the store while its file is still being made. */
  readonly status: 'draft' | 'published' | 'archived'
  /** Published by a DJ who is approved now: strangers may see it and, fan-only content apart, buy it. */
  readonly isInStore: boolean
  /** The master is there. */
  readonly isReady: boolean
  readonly isFanOnly: boolean
  readonly price: Money
  readonly attemptLimit: number
  /** The file in the format that was asked for, or the master; null until it is ready, and where there is none in that format. */
  readonly object: ObjectFacts | null
}
