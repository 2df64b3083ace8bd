import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openLocalDb } from './open-local-db.ts'
import { withoutSync } from './unsynced-writes.ts'

const level = (db: DatabaseSync) => db.prepare('pragma synchronous').get()?.['synchronous']

test('only the given writes do not wait for the disk, also when one of them fails', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-unsynced-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'local.sqlite')
  const { db } = openLocalDb(file, [{ name: 'n-1', sql: 'create table n (n integer) strict' }], 0)
  expect(level(db)).toBe(2)
  withoutSync(db, () => {
    expect(level(db)).toBe(1)
    db.exec('insert into n values (1)')
  })
  expect(level(db)).toBe(2)
  expect(() => withoutSync(db, () => db.exec('insert into missing values (1)'))).toThrow()
  expect(level(db)).toBe(2)
  db.exec('begin')
  withoutSync(db, () => expect(level(db)).toBe(2))
  db.exec('commit')
  const other = new DatabaseSync(file)
  expect(other.prepare('select n from n').all()).toEqual([{ n: 1 }])
  other.close()
  db.close()
})
