import { createHash, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { realDisk } from '../library/disk.ts'
import { libraryMigrations } from '../library/migrations.ts'
import { findLocalFile, listPublications, savePublication } from '../library/rows.ts'
import { openLocalDb } from '../local-db/open-local-db.ts'
import { discardDownload } from './discard-download.ts'
import { NEW_DOWNLOAD } from './download-machine.ts'
import { NOTHING_HERE } from './enqueue.ts'
import { deliveryMigrations } from './migrations.ts'
import { findDownload, saveDownload } from './rows.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-discard-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('DL13: a file that a crash left named in the library is remembered, also when its download is given up before it runs again', async () => {
  const staging = path.join(folder, 'staging')
  const library = path.join(folder, 'Library')
  await mkdir(staging)
  await mkdir(library)
  const { db } = openLocalDb(path.join(folder, 'local.sqlite'), [...libraryMigrations, ...deliveryMigrations], 0)
  const [id, trackId] = [randomUUID(), randomUUID()]
  const staged = path.join(staging, `${id}.0.piece`)
  await writeFile(path.join(library, 'One.wav'), 'the sound')
  await writeFile(staged, 'the sound')
  await writeFile(path.join(staging, `${id}.part`), 'the zip')
  const sha256 = createHash('sha256').update('the sound').digest('hex')
  savePublication(db, { staged, folder: library, fileName: 'One.wav', trackId, sha256, audioSha256: null })
  saveDownload(db, {
    ...{ ...NEW_DOWNLOAD, ...NOTHING_HERE, id, content: { contentType: 'album', contentId: randomUUID() } },
    ...{ status: 'cancelled', staging, title: 'Pack', artist: '', cover: null, position: 0, addedAt: 0, finishedAt: 0 },
    ...{ totalBytes: null, attemptsLeft: null, contents: null, bytesPerSecondLimit: null, format: null },
  })
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const clock = { now: () => 0, monotonic: () => 0, after: () => () => {} }
  await discardDownload({ db, disk: realDisk, clock, log, volume: { assertThere: async () => {} } }, id)
  expect(findLocalFile(db, trackId)).toMatchObject({ fileName: 'One.wav', sha256 })
  expect([listPublications(db), await readdir(staging), findDownload(db, id)?.staging]).toEqual([[], [], null])
  db.close()
})
