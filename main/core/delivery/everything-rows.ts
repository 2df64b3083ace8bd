import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { DownloadStatus, type Everything } from '../../../contract/delivery.ts'
import { AudioFormat, type ContentRef, ContentType } from '../../../contract/values.ts'
import { inTransaction } from '../library/rows.ts'
import type { Outcome, Standing } from './everything-outcome.ts'
import type { PlannedDownload } from './everything-plan.ts'

/** A download of the batch that has not ended, with where the queue has it; null when the queue does not know it. */
export interface OpenMember extends Omit<PlannedDownload, 'tracks' | 'sizeBytes'> {
  readonly isQueued: boolean
  readonly standing: Standing | null
}

/** Whether a batch has begun and not ended. */
export function isBatchOpen(db: DatabaseSync): boolean {
  return db.prepare('select 1 from everything where finished_at is null').get() !== undefined
}

/** Begins a batch in place of the one before, or adds to one that has not ended. What is in it and has failed is open again. */
export function saveBatch(
  db: DatabaseSync,
  downloads: readonly PlannedDownload[],
  { startedAt, wereHere }: { readonly startedAt: number; readonly wereHere: number },
): void {
  inTransaction(db, () => {
    if (!isBatchOpen(db)) {
      db.exec('delete from everything_members')
      db.prepare(
        'insert or replace into everything (one, started_at, finished_at, were_here) values (1, ?, null, ?)',
      ).run(startedAt, wereHere)
    }
    const insert = db.prepare(
      `insert into everything_members (content_type, content_id, title, artist, cover, tracks, size_bytes, format) values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict do update set is_queued = 0, outcome = null, code = null, message = null`,
    )
    for (const { content, title, artist, cover, tracks, sizeBytes, format } of downloads)
      insert.run(content.contentType, content.contentId, title, artist, cover, tracks, sizeBytes, format)
  })
}

export function finishBatch(db: DatabaseSync, finishedAt: number): void {
  db.prepare('update everything set finished_at = ? where finished_at is null').run(finishedAt)
}

export function listOpenMembers(db: DatabaseSync): OpenMember[] {
  return db
    .prepare(
      `select m.*, d.status, d.reason_code, d.reason_message, d.failures from everything_members m
       left join downloads d using (content_type, content_id) where m.outcome is null`,
    )
    .all()
    .map((row) => ({
      content: contentOf(row),
      title: String(row['title']),
      artist: String(row['artist']),
      cover: text(row['cover']),
      format: AudioFormat.safeParse(row['format']).data ?? null,
      isQueued: row['is_queued'] === 1,
      standing: standingOf(row),
    }))
}

/** Where the queue has a content; null when it does not know it. */
export function findStanding(db: DatabaseSync, { contentType, contentId }: ContentRef): Standing | null {
  const find =
    'select status, reason_code, reason_message, failures from downloads where content_type = ? and content_id = ?'
  const row = db.prepare(find).get(contentType, contentId)
  return row === undefined ? null : standingOf(row)
}

/** The contents of the batch, as `<content type>/<content id>`. */
export function listMemberKeys(db: DatabaseSync): string[] {
  return db
    .prepare(`select content_type || '/' || content_id as key from everything_members`)
    .all()
    .map(({ key }) => String(key))
}

export function countOpenMembers(db: DatabaseSync): number {
  return Number(db.prepare('select count(*) as n from everything_members where outcome is null').get()?.['n'] ?? 0)
}

export function markQueued(db: DatabaseSync, contents: readonly ContentRef[]): void {
  const mark = db.prepare('update everything_members set is_queued = 1 where content_type = ? and content_id = ?')
  inTransaction(db, () => {
    for (const { contentType, contentId } of contents) mark.run(contentType, contentId)
  })
}

/** Keeps how a download of the batch ended; null: it goes on again. */
export function saveOutcome(db: DatabaseSync, { contentType, contentId }: ContentRef, outcome: Outcome | null): void {
  const { code = null, message = null } = outcome?.type === 'failed' ? outcome : {}
  db.prepare(
    'update everything_members set outcome = ?, code = ?, message = ? where content_type = ? and content_id = ?',
  ).run(outcome?.type ?? null, code, message, contentType, contentId)
}

/** How the last batch stands; null when there was none. */
export function readEverything(db: DatabaseSync): Everything | null {
  const batch = db.prepare('select * from everything').get()
  if (batch === undefined) return null
  const sums = db
    .prepare(
      `select coalesce(sum(m.tracks), 0) as total,
         coalesce(sum(case when m.outcome = 'done' then m.tracks end), 0) as done,
         coalesce(sum(coalesce(d.total_bytes, m.size_bytes)), 0) as total_bytes,
         coalesce(sum(case when m.outcome = 'done' then coalesce(d.total_bytes, m.size_bytes) else d.received_bytes end), 0) as received_bytes
       from everything_members m left join downloads d using (content_type, content_id)`,
    )
    .get()
  const failed = db.prepare(`select * from everything_members where outcome = 'failed' order by title`).all()
  return {
    startedAt: instant(Number(batch['started_at'])),
    finishedAt: batch['finished_at'] === null ? null : instant(Number(batch['finished_at'])),
    total: Number(sums?.['total']),
    done: Number(sums?.['done']),
    wereHere: Number(batch['were_here']),
    failed: failed.map((row) => ({
      content: contentOf(row),
      title: String(row['title']),
      code: String(row['code']),
      message: String(row['message']),
    })),
    receivedBytes: Number(sums?.['received_bytes']),
    totalBytes: Number(sums?.['total_bytes']),
  }
}

/** Bytes that the queue has received of each content that has not ended, and how many of others are still to come. */
export function bytesOfQueue(
  db: DatabaseSync,
  keys: ReadonlySet<string>,
): { readonly received: number; readonly remainingOfOthers: number } {
  const rows = db
    .prepare(
      `select content_type || '/' || content_id as key, received_bytes, total_bytes from downloads
       where status not in ('done', 'cancelled', 'ended', 'failed')`,
    )
    .all()
  let received = 0
  let remainingOfOthers = 0
  for (const row of rows) {
    const here = Number(row['received_bytes'])
    if (keys.has(String(row['key']))) received += here
    else remainingOfOthers += Math.max(0, Number(row['total_bytes'] ?? 0) - here)
  }
  return { received, remainingOfOthers }
}

function contentOf(row: Record<string, SQLOutputValue>): ContentRef {
  return { contentType: ContentType.parse(row['content_type']), contentId: String(row['content_id']) }
}

function standingOf(row: Record<string, SQLOutputValue>): Standing | null {
  const status = DownloadStatus.safeParse(row['status']).data
  const code = text(row['reason_code'])
  const reason = code === null ? null : { code, message: text(row['reason_message']) ?? code }
  return status === undefined ? null : { status, reason, failures: Number(row['failures']) }
}

const text = (value: SQLOutputValue | undefined) => (typeof value === 'string' ? value : null)
const instant = (milliseconds: number) => new Date(milliseconds).toISOString()
