import type { DatabaseSync } from 'node:sqlite'

/** Which segments of one download are on disk and had their hash: the truth about its progress, whatever the length of its file. */
export interface SegmentJournal {
  /** In ascending order. */
  read(): readonly number[]
  keep(segment: number): void
  forget(segment: number): void
  forgetAll(): void
}

export function createSegmentJournal(db: DatabaseSync, downloadId: string): SegmentJournal {
  const save = db.prepare('insert or ignore into download_segments (download_id, segment) values (?, ?)')
  const remove = db.prepare('delete from download_segments where download_id = ? and segment = ?')
  return {
    read: () =>
      db
        .prepare('select segment from download_segments where download_id = ? order by segment')
        .all(downloadId)
        .map(({ segment }) => Number(segment)),
    keep: (segment) => void save.run(downloadId, segment),
    forget: (segment) => void remove.run(downloadId, segment),
    forgetAll: () => void db.prepare('delete from download_segments where download_id = ?').run(downloadId),
  }
}
