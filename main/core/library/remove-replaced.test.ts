import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLocalDb } from '../local-db/open-local-db.ts'
import { type Disk, realDisk } from './disk.ts'
import { libraryMigrations } from './migrations.ts'
import { removeReplaced } from './remove-replaced.ts'
import { listReplaced, saveLocalFile, saveReplaced } from './rows.ts'

const TRACK = '00000000-0000-4000-8000-000000000001'
const BYTES = Buffer.from('the old format')
const sha256 = createHash('sha256').update(BYTES).digest('hex')

let folder: string
let db: DatabaseSync

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-replaced-'))
  db = openLocalDb(path.join(folder, 'local.sqlite'), libraryMigrations, 0).db
  await writeFile(path.join(folder, 'Tide.wav'), BYTES)
  saveReplaced(db, TRACK, { folder, fileName: 'Tide.wav', sha256 })
})
afterEach(async () => {
  if (db.isOpen) db.close()
  await rm(folder, { recursive: true })
})

/** The system's disk, on which something happens while the old file is read. */
function whileRead(happen: () => void): Disk {
  return {
    ...realDisk,
    async open(place, flags, mode) {
      if (String(place).endsWith('.wav')) happen()
      return await realDisk.open(place, flags, mode)
    },
  }
}

const isThere = async () => (await readdir(folder)).includes('Tide.wav')

describe('DL14: a file whose track came in another format', () => {
  it('goes, and is forgotten', async () => {
    expect(await removeReplaced(db, realDisk)).toEqual([])
    expect(await isThere()).toBe(false)
    expect(listReplaced(db)).toEqual([])
  })

  it('stays when it becomes its track’s again while it is read', async () => {
    const again = { trackId: TRACK, folder, fileName: 'Tide.wav', sizeBytes: BYTES.length, changedMs: 0, sha256 }
    const disk = whileRead(() =>
      saveLocalFile(db, { ...again, audioSha256: null, state: 'here', tags: null, addedAt: 0 }),
    )
    expect(await removeReplaced(db, disk)).toEqual([])
    expect(await isThere()).toBe(true)
    expect(listReplaced(db)).toEqual([])
  })

  it('stays when the account is closed while it is read, and goes the next time', async () => {
    await removeReplaced(
      db,
      whileRead(() => db.close()),
    )
    expect(await isThere()).toBe(true)
    db = openLocalDb(path.join(folder, 'local.sqlite'), libraryMigrations, 0).db
    await removeReplaced(db, realDisk)
    expect(await isThere()).toBe(false)
  })
})
