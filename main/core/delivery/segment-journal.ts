import type { DatabaseSync } from 'node:sqlite'
import { listSegments, removeSegment, removeSegments, saveSegment } from './rows.ts'

/** Which segments of one download are on disk and had their hash: the truth about its progress, whatever the length of its file. */
export interface SegmentJournal {
  /** In ascending order. */
  read(): readonly number[]
  keep(segment: number): void
  forget(segment: number): void
  forgetAll(): void
}

export function createSegmentJournal(db: DatabaseSync, downloadId: string): SegmentJournal {
  return {
    read: () => listSegments(db, downloadId),
    keep: (segment) => saveSegment(db, downloadId, segment),
    forget: (segment) => removeSegment(db, downloadId, segment),
    forgetAll: () => removeSegments(db, downloadId),
  }
}
