import type { DatabaseSync } from 'node:sqlite'
import { toDatabaseDiskError } from '../library/disk.ts'
import { inTransaction } from '../library/rows.ts'
import { withoutSync } from '../local-db/unsynced-writes.ts'
import { listSegments, removeSegment, removeSegments, saveSegment } from './rows.ts'

/** Segments that may wait to be written down together. */
const MOST_HELD = 64
/** Stands in the place of a segment: nothing of the part file may be believed. */
const DISTRUST = -1

/**
 * Which segments of one download are on disk and had their hash: the truth about its progress, whatever the length of its file. A power cut
 * may lose its last rows: after one everything is hashed again.
 */
export interface SegmentJournal {
  /** In ascending order. */
  read(): readonly number[]
  /** Held until `flush` or until there are many: a crash before costs reading the segment again, which its hint names. */
  keep(segment: number): void
  forget(segment: number): void
  forgetAll(): void
  /** Forgets all, and remembers that what is in the part file may be lost although it reads well, until `forgetAll`. */
  distrust(): void
  isDistrusted(): boolean
  /** Throws `disk-full`, `folder-not-writable`, `disk-error`. */
  flush(): void
}

export function createSegmentJournal(db: DatabaseSync, downloadId: string): SegmentJournal {
  const held = new Set<number>()
  function flush() {
    if (held.size === 0) return
    try {
      withoutSync(db, () =>
        inTransaction(db, () => {
          for (const segment of held) saveSegment(db, downloadId, segment)
        }),
      )
    } catch (error) {
      throw toDatabaseDiskError(error) ?? error
    }
    held.clear()
  }
  return {
    read: () => listSegments(db, downloadId).filter((segment) => segment !== DISTRUST),
    keep(segment) {
      held.add(segment)
      if (held.size >= MOST_HELD) flush()
    },
    forget(segment) {
      held.delete(segment)
      withoutSync(db, () => removeSegment(db, downloadId, segment))
    },
    forgetAll() {
      held.clear()
      withoutSync(db, () => removeSegments(db, downloadId))
    },
    distrust() {
      held.clear()
      withoutSync(db, () =>
        inTransaction(db, () => {
          removeSegments(db, downloadId)
          saveSegment(db, downloadId, DISTRUST)
        }),
      )
    },
    isDistrusted: () => listSegments(db, downloadId).includes(DISTRUST),
    flush,
  }
}
