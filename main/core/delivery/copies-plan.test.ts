import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PackEntry } from '../../../contract/delivery.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { type Disk, realDisk } from '../library/disk.ts'
import { libraryMigrations } from '../library/migrations.ts'
import { openLocalDb } from '../local-db/open-local-db.ts'
import { planCopies } from './copies-plan.ts'
import { NEW_DOWNLOAD } from './download-machine.ts'
import { NOTHING_HERE } from './enqueue.ts'
import { deliveryMigrations } from './migrations.ts'
import { listToCome } from './plan-rows.ts'
import { saveDownload } from './rows.ts'

const LIBRARY = 1
const MB = 1_000_000
/** What is left free beside what comes. */
const SPARE = 16 * 1024 * 1024
const TRACK = '00000000-0000-4000-8000-00000000000'

let folder: string
let db: ReturnType<typeof openLocalDb>['db']

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-copies-'))
  db = openLocalDb(path.join(folder, 'local.sqlite'), [...libraryMigrations, ...deliveryMigrations], 0).db
})
afterEach(async () => {
  db.close()
  await rm(folder, { recursive: true })
})

const track = (number: number): ContentRef => ({ contentType: 'track', contentId: `${TRACK}${number}` })
const crate = (drive: string, name: string): string => path.join(folder, drive, name)

/** The system's disk, on which folders are drives of their own, each with so much room. */
function diskWith(drives: Readonly<Record<string, { device: number; free: number }>>): Disk {
  const driveOf = (place: string) => drives[path.relative(folder, place).split(path.sep)[0] ?? '']
  const stat = async (place: string) =>
    Object.assign(await realDisk.stat(place), { dev: driveOf(place)?.device ?? LIBRARY })
  const statfs = async (place: string) => ({ bavail: driveOf(place)?.free ?? 0, bsize: 1 })
  return { ...realDisk, stat, statfs } as unknown as Disk
}

function queue(content: ContentRef, totalBytes: number, contents: readonly PackEntry[] | null = null): void {
  saveDownload(db, {
    ...{ ...NEW_DOWNLOAD, ...NOTHING_HERE, id: content.contentId, content, totalBytes, contents },
    ...{ title: '', artist: '', cover: null, position: 0, addedAt: 0, finishedAt: null },
    ...{ attemptsLeft: null, bytesPerSecondLimit: null, format: null },
  })
}

async function plan(disk: Disk, folders: Readonly<Record<string, readonly ContentRef[]>>) {
  const copyFolders = () => Object.entries(folders).map(([place, items]) => ({ folder: place, items }))
  return await planCopies({ disk, db, dataFolder: folder, copyFolders }, listToCome(db), LIBRARY)
}

describe('DL11: what crates on other volumes need of what comes', () => {
  it('is summed for each volume over all crates on it, and compared with what is free there', async () => {
    const disk = diskWith({ STICK: { device: 2, free: SPARE + 50 * MB }, SSD: { device: 3, free: SPARE + 500 * MB } })
    for (const place of [crate('STICK', 'A'), crate('STICK', 'B'), crate('SSD', 'A')])
      await mkdir(place, { recursive: true })
    for (const number of [1, 2, 3]) queue(track(number), 20 * MB)
    const plans = await plan(disk, {
      [crate('STICK', 'A')]: [track(1), track(2), track(9)],
      [crate('STICK', 'B')]: [track(2)],
      [crate('SSD', 'A')]: [track(3)],
    })
    expect(plans).toMatchObject([
      { name: 'STICK', isForCopies: true, downloads: 2, remainingBytes: 60 * MB, missingBytes: 10 * MB },
      { name: 'SSD', isForCopies: true, downloads: 1, remainingBytes: 20 * MB, missingBytes: 0 },
    ])
  })

  it('counts nothing for a crate on the volume of the library, one that is not there, or one that none of it belongs to', async () => {
    const disk = diskWith({ STICK: { device: 2, free: 0 } })
    for (const place of [crate('Music', 'A'), crate('STICK', 'A')]) await mkdir(place, { recursive: true })
    queue(track(1), 20 * MB)
    const folders = {
      [crate('Music', 'A')]: [track(1)],
      [crate('GONE', 'A')]: [track(1)],
      [crate('STICK', 'A')]: [track(2)],
    }
    expect(await plan(disk, folders)).toEqual([])
  })

  it('counts of a pack the tracks that belong there', async () => {
    const disk = diskWith({ STICK: { device: 2, free: SPARE + 100 * MB } })
    await mkdir(crate('STICK', 'A'), { recursive: true })
    const entry = (number: number): PackEntry => ({
      ...{ trackId: track(number).contentId, position: number, fileName: 'x.wav', offset: 0, sizeBytes: number * MB },
      ...{ sha256: 'a'.repeat(64), audioSha256: null },
    })
    const pack: ContentRef = { contentType: 'album', contentId: `${TRACK}7` }
    queue(pack, 90 * MB, [entry(1), entry(2), entry(3)])
    const [some] = await plan(disk, { [crate('STICK', 'A')]: [track(2), track(3)] })
    const [all] = await plan(disk, { [crate('STICK', 'A')]: [pack, track(2)] })
    expect([some?.remainingBytes, all?.remainingBytes]).toEqual([5 * MB, 90 * MB])
  })
})
