import type { DatabaseSync } from 'node:sqlite'

/** What is known to be on disk of one download: the truth about its progress, whatever the length of its file. */
export interface SegmentJournal {
  read(): readonly JournaledSegment[]
  /** The segment's bytes are written and had their hash. */
  keepVerified(segment: number): void
  /** So many bytes from the segment's start are written; its hash will tell whether they are right. */
  keepBegun(segment: number, bytes: number): void
  forget(segment: number): void
  forgetAll(): void
}

export interface JournaledSegment {
  readonly segment: number
  readonly bytes: number
  readonly isVerified: boolean
}

export function createSegmentJournal(db: DatabaseSync, downloadId: string): SegmentJournal {
  const save = db.prepare(
    'insert or replace into download_segments (download_id, segment, bytes, is_verified) values (?, ?, ?, ?)',
  )
  const remove = db.prepare('delete from download_segments where download_id = ? and segment = ?')
  return {
    read: () =>
      db
        .prepare('select segment, bytes, is_verified from download_segments where download_id = ? order by segment')
        .all(downloadId)
        .map((row) => ({
          segment: Number(row['segment']),
          bytes: Number(row['bytes']),
          isVerified: row['is_verified'] === 1,
        })),
    keepVerified: (segment) => void save.run(downloadId, segment, 0, 1),
    keepBegun: (segment, bytes) => {
      if (bytes > 0) save.run(downloadId, segment, bytes, 0)
    },
    forget: (segment) => void remove.run(downloadId, segment),
    forgetAll: () => void db.prepare('delete from download_segments where download_id = ?').run(downloadId),
  }
}
