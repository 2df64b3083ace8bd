import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { LocalMigration } from './local-migration.ts'
import { openLocalDb } from './open-local-db.ts'

const NOW = Date.UTC(2026, 0, 15, 12)
const NOTES: LocalMigration = { name: 'notes-1', sql: 'create table notes (text text not null) strict' }
const TAGS: LocalMigration = { name: 'tags-1', sql: 'create table tags (tag text) strict; insert into tags values (1)' }

async function file(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-db-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return path.join(folder, 'account/local.sqlite')
}

test('every commit is on disk before it is answered', async () => {
  const { db } = openLocalDb(await file(), [NOTES], NOW)
  expect(db.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(db.prepare('pragma synchronous').get()).toEqual({ synchronous: 2 })
  expect(db.prepare('pragma foreign_keys').get()).toEqual({ foreign_keys: 1 })
  db.close()
})

test('each migration runs once, also one that another feature adds later in the middle', async () => {
  const at = await file()
  const first = openLocalDb(at, [NOTES], NOW)
  first.db.exec("insert into notes values ('kept')")
  first.db.close()
  for (const _ of ['second start', 'third start']) {
    const { db, movedAside } = openLocalDb(at, [TAGS, NOTES], NOW)
    expect(movedAside).toBeNull()
    expect(db.prepare('select text from notes').all()).toEqual([{ text: 'kept' }])
    expect(db.prepare('select count(*) as n from tags').get()).toEqual({ n: 1 })
    db.close()
  }
})

test('a migration that fails leaves nothing of itself', async () => {
  const at = await file()
  const broken = { name: 'broken-1', sql: 'create table half (x text) strict; create table half (x text) strict' }
  expect(() => openLocalDb(at, [NOTES, broken], NOW)).toThrow(expect.objectContaining({ code: 'disk-error' }))
  const { db } = openLocalDb(at, [NOTES], NOW)
  expect(db.prepare("select name from sqlite_schema where name in ('half', 'notes')").all()).toEqual([
    { name: 'notes' },
  ])
  db.close()
})

test('data of a newer version are refused and stay untouched', async () => {
  const at = await file()
  openLocalDb(at, [NOTES, TAGS], NOW).db.close()
  const before = await readFile(at)
  expect(() => openLocalDb(at, [NOTES], NOW)).toThrow(
    expect.objectContaining({ code: 'newer-data', detail: { unknown: ['tags-1'] } }),
  )
  expect(await readFile(at)).toEqual(before)
  expect(await readdir(path.dirname(at))).toEqual(['local.sqlite'])
})

test('a corrupt database is moved aside with its log, never deleted, and a new one takes its place', async () => {
  const at = await file()
  const { db } = openLocalDb(at, [NOTES], NOW)
  db.exec("insert into notes values ('old')")
  db.close()
  const good = await readFile(at)
  for (const [name, bytes] of [
    ['no database at all', Buffer.from('this was a database once'.repeat(400))],
    ['a torn page', Buffer.concat([good.subarray(0, 1000), Buffer.alloc(good.length - 1000, 0xa5)])],
  ] as const) {
    await writeFile(at, bytes)
    await writeFile(`${at}-wal`, 'stale')
    const opened = openLocalDb(at, [NOTES], NOW)
    expect(opened.movedAside, name).toBe(`${at}.corrupt-2026-01-15T12-00-00.000Z`)
    expect(opened.db.prepare('select * from notes').all(), name).toEqual([])
    opened.db.close()
    expect(await readFile(opened.movedAside ?? '')).toEqual(bytes)
  }
})

test('an account folder can be entered by its owner alone', async () => {
  const at = await file()
  openLocalDb(at, [NOTES], NOW).db.close()
  expect((await stat(path.dirname(at))).mode & 0o777).toBe(0o700)
})
