import { createHash, type Hash } from 'node:crypto'
import type { AskedBytes } from '../answer-rules.ts'
import type { ByteSink } from './range-reader.ts'

/** Bytes of a segment between two notes of how far it is. */
const NOTE_EVERY = 256 * 1024

/** The part file as a sink needs it: at once where its thread may block, with promises elsewhere. */
export interface PartAccess {
  /** Where the bytes for `offset` are best put; null, or left out: anywhere. */
  space?(offset: number): Uint8Array | null
  write(bytes: Uint8Array, offset: number): void | Promise<void>
  /** Calls back when everything that was written so far is in the file; left out: it is when `write` has ended. */
  afterWrites?(callback: () => void): void
  /** A SHA-256 that has taken in the bytes from `offset`. */
  hash(offset: number, length: number): Hash | Promise<Hash>
  /** Keeps, as a hint, how many bytes of a segment are here. */
  note(segment: number, bytes: number): void | Promise<void>
}

export interface SinkJob {
  readonly asked: AskedBytes
  readonly segmentSize: number
  /** As in `CarryJob`. */
  readonly segments: readonly (string | null)[]
  readonly beginsInside: boolean
  readonly endsInside: boolean
}

interface SinkEvents {
  bytes(count: number, next: number): void
  segment(segment: number, isRight: boolean): void
}

/** Writes the bytes of a range where they belong and proves each segment that it completes. */
export interface SegmentSink extends ByteSink {
  /** Ends before `end` when that still lies ahead, else where it stands; answers the last byte that it brings. */
  shorten(end: number): number
}

export function createSegmentSink(job: SinkJob, part: PartAccess, events: SinkEvents): SegmentSink {
  const { asked, segmentSize } = job
  const firstSegment = Math.floor(asked.start / segmentSize)
  let end = asked.end
  let endsInside = job.endsInside
  let offset = asked.start
  let hash: Hash | null = null
  let hashedSegment = -1

  const startOf = (segment: number) => segment * segmentSize
  const endOf = (segment: number) => Math.min(asked.size, startOf(segment) + segmentSize)
  const expectedOf = (segment: number) => job.segments[segment - firstSegment] ?? null

  /** Someone else brings a part of it, so that its hash can not be told from what comes here. */
  function isShared(segment: number): boolean {
    return (job.beginsInside && segment === firstSegment) || (endsInside && segment === Math.floor(end / segmentSize))
  }

  /** Takes pieces until one has to be waited for, then goes on behind it. */
  function take(bytes: Uint8Array): boolean | Promise<boolean> {
    for (let at = 0; at < bytes.byteLength; ) {
      if (offset > end) break
      const segment = Math.floor(offset / segmentSize)
      const length = Math.min(bytes.byteLength - at, Math.min(endOf(segment), end + 1) - offset)
      const piece = bytes.subarray(at, at + length)
      at += length
      const kept = expectedOf(segment) === null ? pass(length) : keep(segment, piece)
      if (kept !== undefined) return kept.then(() => take(bytes.subarray(at)))
    }
    return offset <= end
  }

  function pass(length: number): undefined {
    offset += length
  }

  function keep(segment: number, piece: Uint8Array): undefined | Promise<void> {
    const needsHash = !isShared(segment) && hashedSegment !== segment
    const ready = needsHash ? beginHash(segment) : undefined
    if (ready !== undefined) return ready.then(() => store(segment, piece))
    return store(segment, piece)
  }

  function beginHash(segment: number): undefined | Promise<void> {
    hashedSegment = segment
    const here = offset - startOf(segment)
    const begun = here === 0 ? createHash('sha256') : part.hash(startOf(segment), here)
    if (begun instanceof Promise)
      return begun.then((ready) => {
        hash = ready
      })
    hash = begun
    return undefined
  }

  function store(segment: number, piece: Uint8Array): undefined | Promise<void> {
    const writing = part.write(piece, offset)
    if (!isShared(segment)) hash?.update(piece)
    return writing === undefined ? stored(segment, piece) : writing.then(() => stored(segment, piece))
  }

  function stored(segment: number, piece: Uint8Array): undefined | Promise<void> {
    const here = offset + piece.byteLength - startOf(segment)
    offset += piece.byteLength
    events.bytes(piece.byteLength, offset)
    const isWhole = offset === endOf(segment)
    if (isWhole && !isShared(segment)) {
      const isRight = hash?.digest('hex') === expectedOf(segment)
      hash = null
      const settled = (): undefined | Promise<void> => {
        events.segment(segment, isRight)
        return part.note(segment, isRight ? here : 0) ?? undefined
      }
      if (part.afterWrites === undefined) return settled()
      part.afterWrites(() => void settled())
      return undefined
    }
    const isDue = Math.floor(here / NOTE_EVERY) > Math.floor((here - piece.byteLength) / NOTE_EVERY)
    const isContiguous = !(job.beginsInside && segment === firstSegment)
    return isDue && isContiguous ? (part.note(segment, here) ?? undefined) : undefined
  }

  return {
    begin(start) {
      offset = start
    },
    space() {
      const isKept = offset <= end && expectedOf(Math.floor(offset / segmentSize)) !== null
      return isKept ? (part.space?.(offset) ?? null) : null
    },
    take,
    shorten(wanted) {
      if (wanted >= end) return end
      end = Math.max(wanted, offset - 1)
      endsInside = (end + 1) % segmentSize !== 0
      return end
    },
  }
}
