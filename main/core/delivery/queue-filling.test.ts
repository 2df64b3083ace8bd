import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { libraryMigrations } from '../library/migrations.ts'
import { openLocalDb } from '../local-db/open-local-db.ts'
import { NEW_DOWNLOAD } from './download-machine.ts'
import { NOTHING_HERE } from './enqueue.ts'
import { deliveryMigrations } from './migrations.ts'
import { createQueueFilling } from './queue-filling.ts'
import { countUnderWay, findDownload, saveDownload } from './rows.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-filling-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('R-DC-11: no more begin than the settings say, also when looking at the limit finds that the schedule has changed it', () => {
  const { db } = openLocalDb(path.join(folder, 'local.sqlite'), [...libraryMigrations, ...deliveryMigrations], 0)
  for (let position = 0; position < 5; position++) {
    const id = `00000000-0000-4000-8000-00000000000${position}`
    saveDownload(db, {
      ...{ ...NEW_DOWNLOAD, ...NOTHING_HERE, id, content: { contentType: 'track', contentId: id }, position },
      ...{ title: '', artist: '', cover: null, addedAt: 0, finishedAt: null, totalBytes: null, attemptsLeft: null },
      ...{ contents: null, bytesPerSecondLimit: null, format: null },
    })
  }
  let hasChanged = false
  const none = () => {
    throw new Error('Nothing is cured here')
  }
  const filling = createQueueFilling({
    db,
    settings: { get: () => ({ parallelDownloads: 2 }) } as never,
    emit() {},
    rows: { change: none, changeAll: none, attempt: none, close: none },
    live: { tell: none } as never,
    metered: { mayUse: () => true, asks: () => false, answer: none, close: none },
    holds: {
      ...{ db, network: { isOnline: () => true } as never, heldUntil: () => null },
      limit() {
        if (!hasChanged) {
          hasChanged = true
          filling.fill()
        }
        return null
      },
    },
    isClosed: () => false,
    dispatch(id) {
      const row = findDownload(db, id)
      if (row !== null) saveDownload(db, { ...row, status: 'preparing' })
    },
  })
  hasChanged = true
  filling.fill()
  expect(countUnderWay(db)).toBe(2)
  const [first] = db.prepare(`select id from downloads where status = 'preparing'`).all()
  const row = findDownload(db, String(first?.['id']))
  if (row !== null) saveDownload(db, { ...row, status: 'done' })
  hasChanged = false
  filling.fill()
  expect(countUnderWay(db)).toBe(2)
  db.close()
})
