import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { z } from 'zod'
import { TrackSummary } from '../../../contract/catalogue.ts'
import type { CrateRecord } from '../../../contract/crates.ts'
import { ContentRef } from '../../../contract/values.ts'

/** A crate as this computer shows it. */
export interface CrateRow {
  readonly id: string
  readonly name: string
  readonly items: readonly ContentRef[]
  readonly sortOrder: number
  readonly revision: number
  /** What the server has not heard yet. */
  readonly pending: 'save' | 'delete' | null
  readonly edits: number
}

export interface CrateFolder {
  readonly crateId: string
  /** Absolute. */
  readonly path: string
  /** Milliseconds since 1970. */
  readonly lastSyncedAt: number | null
  readonly isWaiting: boolean
}

const Items = z.array(ContentRef)

/** Crates that were not deleted here, in their order. */
export function listCrates(db: DatabaseSync): CrateRow[] {
  return db.prepare(`select * from crates where pending is not 'delete' order by sort_order, name`).all().map(toCrate)
}

export function listPending(db: DatabaseSync): CrateRow[] {
  return db.prepare('select * from crates where pending is not null').all().map(toCrate)
}

export function findCrate(db: DatabaseSync, id: string): CrateRow | null {
  const row = db.prepare('select * from crates where id = ?').get(id)
  return row === undefined ? null : toCrate(row)
}

export function saveCrate(db: DatabaseSync, crate: CrateRow): void {
  db.prepare(
    'insert or replace into crates (id, name, items, sort_order, revision, pending, edits) values (?, ?, ?, ?, ?, ?, ?)',
  ).run(crate.id, crate.name, JSON.stringify(crate.items), crate.sortOrder, crate.revision, crate.pending, crate.edits)
}

export function removeCrate(db: DatabaseSync, id: string): void {
  db.prepare('delete from crates where id = ?').run(id)
  db.prepare('delete from crate_folders where crate_id = ?').run(id)
  saveTemplate(db, id, null)
}

/** A server's record as a row that nothing waits for. */
export function fromRecord({ id, name, items, sortOrder, revision }: CrateRecord): CrateRow {
  return { id, name, items, sortOrder, revision, pending: null, edits: 0 }
}

function toCrate(row: Record<string, SQLOutputValue>): CrateRow {
  return {
    id: String(row['id']),
    name: String(row['name']),
    items: Items.parse(JSON.parse(String(row['items']))),
    sortOrder: Number(row['sort_order']),
    revision: Number(row['revision']),
    pending: row['pending'] === 'save' || row['pending'] === 'delete' ? row['pending'] : null,
    edits: Number(row['edits']),
  }
}

export function findFolder(db: DatabaseSync, crateId: string): CrateFolder | null {
  const row = db.prepare('select * from crate_folders where crate_id = ?').get(crateId)
  return row === undefined ? null : toFolder(row)
}

export function listFolders(db: DatabaseSync): CrateFolder[] {
  return db.prepare('select * from crate_folders').all().map(toFolder)
}

export function saveFolder(db: DatabaseSync, { crateId, path, lastSyncedAt, isWaiting }: CrateFolder): void {
  db.prepare(
    'insert or replace into crate_folders (crate_id, path, last_synced_at, is_waiting) values (?, ?, ?, ?)',
  ).run(crateId, path, lastSyncedAt, isWaiting ? 1 : 0)
}

export function removeFolder(db: DatabaseSync, crateId: string): void {
  db.prepare('delete from crate_folders where crate_id = ?').run(crateId)
}

function toFolder(row: Record<string, SQLOutputValue>): CrateFolder {
  return {
    crateId: String(row['crate_id']),
    path: String(row['path']),
    lastSyncedAt: row['last_synced_at'] === null ? null : Number(row['last_synced_at']),
    isWaiting: row['is_waiting'] === 1,
  }
}

/** The template by which a crate's files are named; null: that of the settings. */
export function findTemplate(db: DatabaseSync, crateId: string): string | null {
  const row = db.prepare('select template from crate_file_names where crate_id = ?').get(crateId)
  return row === undefined ? null : String(row['template'])
}

export function saveTemplate(db: DatabaseSync, crateId: string, template: string | null): void {
  if (template === null) db.prepare('delete from crate_file_names where crate_id = ?').run(crateId)
  else db.prepare('insert or replace into crate_file_names (crate_id, template) values (?, ?)').run(crateId, template)
}

/** What is kept of an item that the account does not own. */
export const ItemFacts = z.object({ title: z.string(), artist: z.string(), track: TrackSummary.nullable() })
export type ItemFacts = z.infer<typeof ItemFacts>

export function findItemFacts(db: DatabaseSync, { contentType, contentId }: ContentRef): ItemFacts | null {
  const row = db
    .prepare('select json from crate_item_facts where content_type = ? and content_id = ?')
    .get(contentType, contentId)
  return row === undefined ? null : (ItemFacts.safeParse(JSON.parse(String(row['json']))).data ?? null)
}

export function saveItemFacts(db: DatabaseSync, { contentType, contentId }: ContentRef, facts: ItemFacts): void {
  db.prepare('insert or replace into crate_item_facts (content_type, content_id, json) values (?, ?, ?)').run(
    contentType,
    contentId,
    JSON.stringify(facts),
  )
}

/** When the server's crates were last read, in milliseconds since 1970; null for never. */
export function cratesReadAt(db: DatabaseSync): number | null {
  const row = db.prepare(`select value from crates_state where name = 'read_at'`).get()
  return row === undefined ? null : Number(row['value'])
}

export function setCratesReadAt(db: DatabaseSync, readAt: number): void {
  db.prepare(`insert or replace into crates_state (name, value) values ('read_at', ?)`).run(readAt)
}
