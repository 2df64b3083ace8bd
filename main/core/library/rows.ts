import type { DatabaseSync } from 'node:sqlite'
import type { z } from 'zod'
import { DownloadStatus } from '../../../contract/delivery.ts'
import type { Owned } from '../../../contract/entitlements.ts'
import { FileTags } from '../../../contract/library.ts'
import type { ContentRef } from '../../../contract/values.ts'

export type Tags = z.infer<typeof FileTags>

/** A track's file on this computer. */
export interface LocalFile {
  readonly trackId: string
  /** Absolute. */
  readonly folder: string
  readonly fileName: string
  readonly sizeBytes: number
  /** The file's time of change when it was last read, in milliseconds with fractions. */
  readonly changedMs: number
  /** Of the object that the store delivered. */
  readonly sha256: string
  /** Of its sound alone; null where the store knows none. */
  readonly audioSha256: string | null
  readonly state: 'here' | 'retagged' | 'damaged'
  readonly tags: Tags | null
  /** Milliseconds since 1970. */
  readonly addedAt: number
}

/** A file that is about to get its final name. */
export interface Publication {
  readonly staged: string
  readonly folder: string
  readonly fileName: string
  /** Null for a file that is no track, such as a zip that is kept. */
  readonly trackId: string | null
  readonly sha256: string
  readonly audioSha256: string | null
}

export function saveLocalFile(db: DatabaseSync, file: LocalFile): void {
  db.prepare(
    `insert or replace into local_files
       (track_id, folder, file_name, size_bytes, changed_ms, sha256, audio_sha256, state, tags, added_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    file.trackId,
    file.folder,
    file.fileName,
    file.sizeBytes,
    file.changedMs,
    file.sha256,
    file.audioSha256,
    file.state,
    file.tags === null ? null : JSON.stringify(file.tags),
    file.addedAt,
  )
}

export function findLocalFile(db: DatabaseSync, trackId: string): LocalFile | null {
  const row = db.prepare('select * from local_files where track_id = ?').get(trackId)
  return row === undefined ? null : toLocalFile(row)
}

export function listLocalFiles(db: DatabaseSync): LocalFile[] {
  return db.prepare('select * from local_files').all().map(toLocalFile)
}

/** Files of that name, in whichever folder. */
export function listLocalFilesNamed(db: DatabaseSync, fileName: string): LocalFile[] {
  return db.prepare('select * from local_files where file_name = ?').all(fileName).map(toLocalFile)
}

export function removeLocalFile(db: DatabaseSync, trackId: string): void {
  db.prepare('delete from local_files where track_id = ?').run(trackId)
}

type Row = Record<string, unknown>

function toLocalFile(row: Row): LocalFile {
  return {
    trackId: String(row['track_id']),
    folder: String(row['folder']),
    fileName: String(row['file_name']),
    sizeBytes: Number(row['size_bytes']),
    changedMs: Number(row['changed_ms']),
    sha256: String(row['sha256']),
    audioSha256: textOrNull(row['audio_sha256']),
    state: row['state'] as LocalFile['state'],
    tags: typeof row['tags'] === 'string' ? FileTags.parse(JSON.parse(row['tags'])) : null,
    addedAt: Number(row['added_at']),
  }
}

export function savePublication(db: DatabaseSync, publication: Publication): void {
  db.prepare(
    `insert or replace into publications (staged, folder, file_name, track_id, sha256, audio_sha256) values (?, ?, ?, ?, ?, ?)`,
  ).run(
    publication.staged,
    publication.folder,
    publication.fileName,
    publication.trackId,
    publication.sha256,
    publication.audioSha256,
  )
}

export function listPublications(db: DatabaseSync): Publication[] {
  return db
    .prepare('select * from publications')
    .all()
    .map((row) => ({
      staged: String(row['staged']),
      folder: String(row['folder']),
      fileName: String(row['file_name']),
      trackId: textOrNull(row['track_id']),
      sha256: String(row['sha256']),
      audioSha256: textOrNull(row['audio_sha256']),
    }))
}

export function removePublication(db: DatabaseSync, staged: string): void {
  db.prepare('delete from publications where staged = ?').run(staged)
}

/** A file whose track has come in another format. */
export interface ReplacedFile {
  readonly folder: string
  readonly fileName: string
  /** Of the object that the store delivered as this file. */
  readonly sha256: string
}

/** Remembers that a track has another file now, and which one it had. */
export function saveReplaced(db: DatabaseSync, trackId: string, { folder, fileName, sha256 }: ReplacedFile): void {
  db.prepare('insert or replace into replaced_files (folder, file_name, sha256) values (?, ?, ?)').run(
    folder,
    fileName,
    sha256,
  )
  saveSwitched(db, trackId, null)
}

/** A damaged file that was replaced in the library: `<device>/<inode>` and its time of change, in milliseconds with fractions. */
export interface DamagedTwin {
  readonly identity: string
  readonly changedMs: number
}

/** Remembers that a track has another file now, and what a damaged one was. */
export function saveSwitched(db: DatabaseSync, trackId: string, twin: DamagedTwin | null): void {
  db.prepare('insert or replace into switched_tracks (track_id, identity, changed_ms) values (?, ?, ?)').run(
    trackId,
    twin?.identity ?? null,
    twin?.changedMs ?? null,
  )
}

export function listReplaced(db: DatabaseSync): ReplacedFile[] {
  return db
    .prepare('select * from replaced_files')
    .all()
    .map((row) => ({
      folder: String(row['folder']),
      fileName: String(row['file_name']),
      sha256: String(row['sha256']),
    }))
}

export function forgetReplaced(db: DatabaseSync, { folder, fileName }: ReplacedFile): void {
  db.prepare('delete from replaced_files where folder = ? and file_name = ?').run(folder, fileName)
}

/** Answers the tracks whose file has become another since this was asked last, each with what a damaged one was. */
export function takeSwitched(db: DatabaseSync): Map<string, DamagedTwin | null> {
  const rows = db.prepare('delete from switched_tracks returning track_id, identity, changed_ms').all()
  return new Map(
    rows.map((row) => {
      const identity = textOrNull(row['identity'])
      return [String(row['track_id']), identity === null ? null : { identity, changedMs: Number(row['changed_ms']) }]
    }),
  )
}

/** Everything the account owns, in the server's order. */
export function listOwnedRows(db: DatabaseSync): Owned[] {
  return db
    .prepare('select json from owned order by position')
    .all()
    .map(({ json }) => JSON.parse(String(json)) as Owned)
}

/** Whether the list of what is owned names it. */
export function isOwned(db: DatabaseSync, { contentType, contentId }: ContentRef): boolean {
  const named = db.prepare('select 1 from owned where content_type = ? and content_id = ?').get(contentType, contentId)
  return named !== undefined
}

/** Of these, the ones that bring a track: by itself, or inside a pack. */
export function listOwnedWith(db: DatabaseSync, trackId: string): Owned[] {
  return db
    .prepare(
      `select json from owned
       where (content_type <> 'album' and content_id = ?) or (content_type = 'album' and instr(json, ?) > 0) order by position`,
    )
    .all(trackId, trackId)
    .map(({ json }) => JSON.parse(String(json)) as Owned)
}

/** Replaces the list by what the server said now. */
export function saveOwned(db: DatabaseSync, owned: readonly Owned[], refreshedAt: number): void {
  inTransaction(db, () => {
    db.exec('delete from owned')
    const insert = db.prepare(
      'insert or ignore into owned (content_type, content_id, position, json) values (?, ?, ?, ?)',
    )
    for (const [position, item] of owned.entries())
      insert.run(item.contentType, item.contentId, position, JSON.stringify(item))
    db.prepare(`insert or replace into library_state (name, value) values ('refreshed_at', ?)`).run(String(refreshedAt))
  })
}

/** When the list of what is owned was last asked for, in milliseconds since 1970; null for never. */
export function ownedRefreshedAt(db: DatabaseSync): number | null {
  const row = db.prepare(`select value from library_state where name = 'refreshed_at'`).get()
  return row === undefined ? null : Number(row['value'])
}

/** Where each download stands, as its queue keeps it in the same database; the key is `<content type>/<content id>`. */
export function downloadStatuses(db: DatabaseSync): Map<string, DownloadStatus> {
  const rows = db.prepare('select content_type, content_id, status from downloads').all()
  return new Map(
    rows.map((row) => [`${row['content_type']}/${row['content_id']}`, DownloadStatus.parse(row['status'])]),
  )
}

/** Runs `work` so that all of it is on disk afterwards, or nothing. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('begin immediate')
  try {
    const value = work()
    db.exec('commit')
    return value
  } catch (error) {
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
