import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { z } from 'zod'
import { DownloadStatus, PackEntry } from '../../../contract/delivery.ts'
import { ERRORS, type ErrorCode, isErrorCode } from '../../../contract/errors.ts'
import { AudioFormat, type ContentRef, ContentType } from '../../../contract/values.ts'
import { withoutSync } from '../local-db/unsynced-writes.ts'
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
  /** The most bytes per second for it alone; null: no limit of its own, 0: it is held. */
  readonly bytesPerSecondLimit: number | null
  /** The format that was asked for; null: the best one the store has. */
  readonly format: AudioFormat | null
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
  'drive_name',
  'missing_bytes',
  'bytes_per_second_limit',
  'format',
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
    row.driveName,
    row.missingBytes,
    row.bytesPerSecondLimit,
    row.format,
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

const ENDED = `status in ('done', 'cancelled', 'ended')`
const UNDER_WAY = `status in ('preparing', 'downloading', 'verifying')`

/** A row without the list of a pack's tracks, which a list of downloads does not show. */
export type ListedDownload = Omit<DownloadRow, 'contents'>

/** What has not ended in the order of the queue, then what has, newest first. */
export function listDownloads(db: DatabaseSync): ListedDownload[] {
  const listed = COLUMNS.filter((column) => column !== 'contents').join(', ')
  const current = db.prepare(`select ${listed} from downloads where not (${ENDED}) order by position, added_at`).all()
  const ended = db.prepare(`select ${listed} from downloads where ${ENDED} order by finished_at desc, added_at`).all()
  return [...current, ...ended].map(toListed)
}

/** Those of the ids that are known, in the order of the list. */
export function listThese(db: DatabaseSync, ids: readonly string[]): ListedDownload[] {
  const listed = COLUMNS.filter((column) => column !== 'contents').join(', ')
  return db
    .prepare(
      `select ${listed} from downloads where id in (select value from json_each(?))
       order by ${ENDED}, case when ${ENDED} then -finished_at else position end, added_at`,
    )
    .all(JSON.stringify(ids))
    .map(toListed)
}

/** Ids and positions of what has not ended, in the order of the queue. */
export function listOrder(db: DatabaseSync): { id: string; position: number }[] {
  return db
    .prepare(`select id, position from downloads where not (${ENDED}) order by position, added_at`)
    .all()
    .map((row) => ({ id: String(row['id']), position: Number(row['position']) }))
}

export function saveDownloadPosition(db: DatabaseSync, id: string, position: number): void {
  db.prepare('update downloads set position = ? where id = ?').run(position, id)
}

/** The first of those that wait for a slot; one whose own limit is 0 is held. */
export function nextQueued(db: DatabaseSync): DownloadRow | null {
  const next = `select * from downloads where status = 'queued' and bytes_per_second_limit is not 0 order by position, added_at limit 1`
  const row = db.prepare(next).get()
  return row === undefined ? null : toDownload(row)
}

export function countUnderWay(db: DatabaseSync): number {
  return Number(db.prepare(`select count(*) as n from downloads where ${UNDER_WAY}`).get()?.['n'] ?? 0)
}

/** Those at which a run is at work, or was when the process ended. */
export function listUnderWay(db: DatabaseSync): DownloadRow[] {
  return db.prepare(`select * from downloads where ${UNDER_WAY} order by position`).all().map(toDownload)
}

/** Those with a limit of their own. */
export function listLimited(db: DatabaseSync): DownloadRow[] {
  const limited = `select * from downloads where bytes_per_second_limit is not null and not (${ENDED})`
  return db.prepare(limited).all().map(toDownload)
}

/** Those in one state, in the order of the queue. */
export function listIn(db: DatabaseSync, status: DownloadStatus): DownloadRow[] {
  return db.prepare('select * from downloads where status = ? order by position, added_at').all(status).map(toDownload)
}

export function countIn(db: DatabaseSync, status: DownloadStatus): number {
  return Number(db.prepare('select count(*) as n from downloads where status = ?').get(status)?.['n'] ?? 0)
}

/** When the first that tries again by time does, in milliseconds since 1970; null when none does. */
export function firstRetryAt(db: DatabaseSync): number | null {
  const first = db.prepare(`select min(retry_at) as first from downloads where retry_at is not null`).get()
  return number(first?.['first'])
}

/** Those that try again by time and whose time has come by `now`, or seems further away than `horizon`. */
export function listDue(db: DatabaseSync, now: number, horizon: number): string[] {
  return db
    .prepare('select id from downloads where retry_at <= ? or retry_at > ? order by position, added_at')
    .all(now, horizon)
    .map(({ id }) => String(id))
}

export function lastPosition(db: DatabaseSync): number {
  return Number(db.prepare('select max(position) as last from downloads').get()?.['last'] ?? 0)
}

/** What was given up and still has files stays: without its row they would be taken for a download that lost its database. */
export function removeEnded(db: DatabaseSync): void {
  db.exec(`delete from downloads where ${ENDED} and (status = 'done' or staging is null)`)
}

/** Those that were given up and whose files could not be removed yet. */
export function listUnremoved(db: DatabaseSync): string[] {
  return db
    .prepare(`select id from downloads where status in ('cancelled', 'ended') and staging is not null`)
    .all()
    .map(({ id }) => String(id))
}

type StoredRow = Record<string, SQLOutputValue>

function toDownload(row: StoredRow): DownloadRow {
  const contents = row['contents']
  return {
    ...toListed(row),
    contents: typeof contents === 'string' ? z.array(PackEntry).parse(JSON.parse(contents)) : null,
  }
}

function toListed(row: StoredRow): ListedDownload {
  return {
    id: String(row['id']),
    content: { contentType: member(ContentType.options, row['content_type']), contentId: String(row['content_id']) },
    title: String(row['title']),
    artist: String(row['artist']),
    cover: text(row['cover']),
    status: member(DownloadStatus.options, row['status']),
    run: Number(row['run']),
    failures: Number(row['failures']),
    reason: reasonOf(text(row['reason_code']), text(row['reason_message'])),
    retryAt: number(row['retry_at']),
    driveName: text(row['drive_name']),
    missingBytes: number(row['missing_bytes']),
    position: Number(row['position']),
    addedAt: Number(row['added_at']),
    finishedAt: number(row['finished_at']),
    receivedBytes: Number(row['received_bytes']),
    totalBytes: number(row['total_bytes']),
    segments: String(row['segments']),
    attemptsLeft: number(row['attempts_left']),
    attemptId: text(row['attempt_id']),
    objectSha256: text(row['object_sha256']),
    bytesPerSecondLimit: number(row['bytes_per_second_limit']),
    format: row['format'] === null ? null : member(AudioFormat.options, row['format']),
    staging: text(row['staging']),
  }
}

/** One of the words that are known; a database that has another was not written by this version. */
function member<T extends string>(words: readonly T[], value: SQLOutputValue | undefined): T {
  const known = words.find((word) => word === value)
  if (known === undefined) throw new TypeError(`the queue has a word that is not known: ${String(value)}`)
  return known
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

export function hasReport(db: DatabaseSync, attemptId: string): boolean {
  return db.prepare('select 1 from attempt_reports where attempt_id = ?').get(attemptId) !== undefined
}

/**
 * The first that the server has not heard of yet; not of files that were proved and have no place in the library yet, nor that one arrived
 * which was given up since: that is told in its place once its files are gone.
 */
export function listReports(db: DatabaseSync, most: number): AttemptReport[] {
  return db
    .prepare(
      `select * from attempt_reports where not exists (
         select 1 from downloads
         where downloads.attempt_id = attempt_reports.attempt_id
           and (status not in ('done', 'cancelled', 'ended') or (status = 'cancelled' and kind = 'complete')))
       order by attempt_id limit ?`,
    )
    .all(most)
    .map((row) => ({
      attemptId: String(row['attempt_id']),
      kind: row['kind'] === 'complete' ? 'complete' : 'cancel',
      segmentRoot: text(row['segment_root']),
    }))
}

/** Forgets what was told of attempts; of one that has ended in another way meanwhile that is still to be told. */
export function removeReports(db: DatabaseSync, kind: AttemptReport['kind'], attemptIds: readonly string[]): void {
  // Told twice is as good as told once.
  withoutSync(db, () =>
    db
      .prepare('delete from attempt_reports where kind = ? and attempt_id in (select value from json_each(?))')
      .run(kind, JSON.stringify(attemptIds)),
  )
}

export function isQueuePaused(db: DatabaseSync): boolean {
  return db.prepare(`select value from queue_state where name = 'paused'`).get()?.['value'] === 1
}

export function setQueuePaused(db: DatabaseSync, isPaused: boolean): void {
  db.prepare(`insert or replace into queue_state (name, value) values ('paused', ?)`).run(isPaused ? 1 : 0)
}
