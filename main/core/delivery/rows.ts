import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { z } from 'zod'
import { DownloadStatus, PackEntry } from '../../../contract/delivery.ts'
import { ERRORS, type ErrorCode, isErrorCode } from '../../../contract/errors.ts'
import { type ContentRef, ContentType } from '../../../contract/values.ts'
import type { DownloadState } from './download-machine.ts'

/** One row of the queue as it is kept. Instants are milliseconds since 1970. */
export interface DownloadRow extends DownloadState {
  readonly id: string
  readonly content: ContentRef
  readonly title: string
  readonly artist: string
  readonly cover: string | null
  readonly position: number
  readonly addedAt: number
  readonly finishedAt: number | null
  readonly receivedBytes: number
  readonly totalBytes: number | null
  readonly segments: string
  readonly attemptsLeft: number | null
  readonly attemptId: string | null
  readonly objectSha256: string | null
  readonly contents: readonly PackEntry[] | null
  /** The folder in which its part file lies. */
  readonly staging: string | null
}

const COLUMNS = [
  'id',
  'content_type',
  'content_id',
  'title',
  'artist',
  'cover',
  'status',
  'run',
  'failures',
  'reason_code',
  'reason_message',
  'retry_at',
  'position',
  'added_at',
  'finished_at',
  'received_bytes',
  'total_bytes',
  'segments',
  'attempts_left',
  'attempt_id',
  'object_sha256',
  'contents',
  'staging',
]
const SAVE = `insert into downloads (${COLUMNS.join(', ')}) values (${COLUMNS.map(() => '?').join(', ')})
  on conflict (id) do update set ${COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`

export function saveDownload(db: DatabaseSync, row: DownloadRow): void {
  db.prepare(SAVE).run(
    row.id,
    row.content.contentType,
    row.content.contentId,
    row.title,
    row.artist,
    row.cover,
    row.status,
    row.run,
    row.failures,
    row.reason?.code ?? null,
    row.reason?.message ?? null,
    row.retryAt,
    row.position,
    row.addedAt,
    row.finishedAt,
    row.receivedBytes,
    row.totalBytes,
    row.segments,
    row.attemptsLeft,
    row.attemptId,
    row.objectSha256,
    row.contents === null ? null : JSON.stringify(row.contents),
    row.staging,
  )
}

export function findDownload(db: DatabaseSync, id: string): DownloadRow | null {
  const row = db.prepare('select * from downloads where id = ?').get(id)
  return row === undefined ? null : toDownload(row)
}

export function findDownloadOf(db: DatabaseSync, { contentType, contentId }: ContentRef): DownloadRow | null {
  const row = db
    .prepare('select * from downloads where content_type = ? and content_id = ?')
    .get(contentType, contentId)
  return row === undefined ? null : toDownload(row)
}

/** What has not ended in the order of the queue, then what has, newest first. */
export function listDownloads(db: DatabaseSync): DownloadRow[] {
  return db
    .prepare(
      `select * from downloads
       order by status in ('done', 'cancelled'), case when status in ('done', 'cancelled') then -finished_at else position end, added_at`,
    )
    .all()
    .map(toDownload)
}

/** The first of those that wait for a slot. */
export function nextQueued(db: DatabaseSync): DownloadRow | null {
  const row = db.prepare(`select * from downloads where status = 'queued' order by position, added_at limit 1`).get()
  return row === undefined ? null : toDownload(row)
}

const UNDER_WAY = `status in ('preparing', 'downloading', 'verifying')`

export function countUnderWay(db: DatabaseSync): number {
  return Number(db.prepare(`select count(*) as n from downloads where ${UNDER_WAY}`).get()?.['n'] ?? 0)
}

/** Those that try again by themselves. */
export function listWaiting(db: DatabaseSync): DownloadRow[] {
  return db.prepare(`select * from downloads where status = 'waiting'`).all().map(toDownload)
}

/** How many that have not ended stand before it. */
export function placeOf(db: DatabaseSync, { position }: DownloadRow): number {
  const before = db.prepare(
    `select count(*) as n from downloads where status not in ('done', 'cancelled') and position < ?`,
  )
  return Number(before.get(position)?.['n'] ?? 0)
}

export function lastPosition(db: DatabaseSync): number {
  return Number(db.prepare('select max(position) as last from downloads').get()?.['last'] ?? 0)
}

export function removeEnded(db: DatabaseSync): void {
  db.exec(`delete from downloads where status in ('done', 'cancelled')`)
}

function toDownload(row: Record<string, SQLOutputValue>): DownloadRow {
  return {
    id: String(row['id']),
    content: { contentType: ContentType.parse(row['content_type']), contentId: String(row['content_id']) },
    title: String(row['title']),
    artist: String(row['artist']),
    cover: text(row['cover']),
    status: DownloadStatus.parse(row['status']),
    run: Number(row['run']),
    failures: Number(row['failures']),
    reason: reasonOf(text(row['reason_code']), text(row['reason_message'])),
    retryAt: number(row['retry_at']),
    position: Number(row['position']),
    addedAt: Number(row['added_at']),
    finishedAt: number(row['finished_at']),
    receivedBytes: Number(row['received_bytes']),
    totalBytes: number(row['total_bytes']),
    segments: String(row['segments']),
    attemptsLeft: number(row['attempts_left']),
    attemptId: text(row['attempt_id']),
    objectSha256: text(row['object_sha256']),
    contents: typeof row['contents'] === 'string' ? z.array(PackEntry).parse(JSON.parse(row['contents'])) : null,
    staging: text(row['staging']),
  }
}

function reasonOf(code: string | null, message: string | null): DownloadState['reason'] {
  if (code === null) return null
  const known: ErrorCode = isErrorCode(code) ? code : 'internal'
  return { code: known, message: message ?? ERRORS[known].title }
}

const text = (value: SQLOutputValue | undefined) => (typeof value === 'string' ? value : null)
const number = (value: SQLOutputValue | undefined) => (value === null || value === undefined ? null : Number(value))

/** The verified segments of a download's file, in ascending order. */
export function listSegments(db: DatabaseSync, downloadId: string): number[] {
  return db
    .prepare('select segment from download_segments where download_id = ? order by segment')
    .all(downloadId)
    .map(({ segment }) => Number(segment))
}

export function saveSegment(db: DatabaseSync, downloadId: string, segment: number): void {
  db.prepare('insert or ignore into download_segments (download_id, segment) values (?, ?)').run(downloadId, segment)
}

export function removeSegment(db: DatabaseSync, downloadId: string, segment: number): void {
  db.prepare('delete from download_segments where download_id = ? and segment = ?').run(downloadId, segment)
}

export function removeSegments(db: DatabaseSync, downloadId: string): void {
  db.prepare('delete from download_segments where download_id = ?').run(downloadId)
}

/** What the server has to hear of an attempt that ended here. */
export interface AttemptReport {
  readonly attemptId: string
  readonly kind: 'complete' | 'cancel'
  readonly segmentRoot: string | null
}

export function saveReport(db: DatabaseSync, { attemptId, kind, segmentRoot }: AttemptReport): void {
  db.prepare('insert or replace into attempt_reports (attempt_id, kind, segment_root) values (?, ?, ?)').run(
    attemptId,
    kind,
    segmentRoot,
  )
}

export function listReports(db: DatabaseSync): AttemptReport[] {
  return db
    .prepare('select * from attempt_reports')
    .all()
    .map((row) => ({
      attemptId: String(row['attempt_id']),
      kind: row['kind'] === 'complete' ? 'complete' : 'cancel',
      segmentRoot: text(row['segment_root']),
    }))
}

export function removeReport(db: DatabaseSync, attemptId: string): void {
  db.prepare('delete from attempt_reports where attempt_id = ?').run(attemptId)
}

export function isQueuePaused(db: DatabaseSync): boolean {
  return db.prepare(`select value from queue_state where name = 'paused'`).get()?.['value'] === 1
}

export function setQueuePaused(db: DatabaseSync, isPaused: boolean): void {
  db.prepare(`insert or replace into queue_state (name, value) values ('paused', ?)`).run(isPaused ? 1 : 0)
}
