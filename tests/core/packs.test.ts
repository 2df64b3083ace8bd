import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { PackEntry } from '../../contract/delivery.ts'
import type { Owned } from '../../contract/entitlements.ts'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import { listPublications } from '../../main/core/library/rows.ts'
import { createFailingDisk, type FailingDisk } from '../_kit/failing-disk.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { aTrack, ownedPack, owning, servePack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

let folder: string
let server: FaultServer
let owned: Owned[]
let failing: FailingDisk
let rig: TransferRig
/** Hears of operations of the disk before they are done, which wait for it; of a link by the name that is there already. */
let watch: (operation: 'open' | 'link' | 'sync', place: string) => unknown

const watched: Disk = {
  ...realDisk,
  async open(place, flags, mode) {
    await watch('open', String(place))
    const file = await realDisk.open(place, flags, mode)
    const sync = file.sync.bind(file)
    return Object.assign(file, {
      async sync() {
        await watch('sync', String(place))
        await sync()
      },
    })
  },
  async link(from, to) {
    await watch('link', String(from))
    await realDisk.link(from, to)
  },
}

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  owned = []
  watch = () => {}
  failing = createFailingDisk(watched)
  rig = await openTransferRig({
    folder,
    address: server.address,
    serverCall: owning(() => owned),
    disk: failing.disk,
  })
})

interface Pack {
  readonly id: string
  readonly files: readonly Buffer[]
  readonly contents: readonly PackEntry[]
  /** Lets the server name other contents of the same zip. */
  list(contents: readonly PackEntry[]): void
}

/** A pack on the server, of tracks 1 to `count`; where it is not owned its files have the names that the server gives. */
async function aPack(count: number, { isOwned = true, rename = (name: string) => name } = {}): Promise<Pack> {
  const tracks = Array.from({ length: count }, (_, index) => aTrack({ title: `Track ${index + 1}` }))
  const audio = await someAudio('mp3')
  const files = tracks.map(() => Buffer.concat([audio, randomBytes(64)]))
  const item = ownedPack('Pack', tracks)
  if (isOwned) owned.push(item)
  await rig.libraryCalls.refresh(undefined, {})
  const { object, contents } = await servePack(server, item, files, rename)
  return {
    id: item.contentId,
    files,
    contents,
    list: (changed) => server.put(item, object.bytes, { segmentSize: 64 * 1024, contents: changed }),
  }
}

async function begin({ id: contentId }: Pack): Promise<string> {
  return (await rig.delivery.start(undefined, { contentType: 'album', contentId })).id
}

/** Of each track that the database knows, its number in the pack and whether its file is as it was sold. */
async function known({ contents, files }: Pack): Promise<[number, boolean][]> {
  const rows = rig.db.prepare('select track_id, folder, file_name from local_files').all()
  const found = rows.map(async (row): Promise<[number, boolean]> => {
    const index = contents.findIndex(({ trackId }) => trackId === row['track_id'])
    const bytes = await readFile(path.join(String(row['folder']), String(row['file_name'])))
    return [index + 1, files[index]?.equals(bytes) ?? false]
  })
  return (await Promise.all(found)).sort(([left], [right]) => left - right)
}

const whole = (...numbers: readonly number[]): [number, boolean][] => numbers.map((number) => [number, true])
const upTo = (count: number) => whole(...Array.from({ length: count }, (_, index) => index + 1))

/** That nothing is left of the way here: no file in staging, no name announced. */
async function expectTidy(count: number): Promise<void> {
  expect(await rig.libraryNames()).toHaveLength(count)
  expect(await readdir(rig.staging)).toEqual([])
  expect(listPublications(rig.db)).toEqual([])
  expect(rig.errors).toEqual([])
}

describe('DL13: the tracks of a pack are published some at a time', () => {
  it('each is synced and announced before it has its name; the library folder is synced once for each batch', async () => {
    const synced = new Set<string>()
    let folderSyncs = 0
    const early: string[] = []
    const announcements = new Set<number>()
    watch = (operation, place) => {
      if (operation === 'sync' && place.endsWith('.piece')) synced.add(place)
      if (operation === 'sync' && place === rig.library) folderSyncs += 1
      if (operation !== 'link') return
      const announced = listPublications(rig.db).map(({ staged }) => staged)
      announcements.add(announced.length)
      if (!synced.has(place) || !announced.includes(place)) early.push(place)
    }
    const pack = await aPack(70)
    await rig.reached(await begin(pack), 'done')
    expect([synced.size, early, folderSyncs]).toEqual([70, [], 3])
    expect([...announcements]).toEqual([32, 6])
    expect(await known(pack)).toEqual(upTo(70))
    await expectTidy(70)
  })

  it('one name for all of them gives each a number', async () => {
    const pack = await aPack(40, { isOwned: false, rename: () => 'Tide.mp3' })
    await rig.reached(await begin(pack), 'done')
    expect(await known(pack)).toEqual(upTo(40))
    const expected = ['Tide.mp3', ...Array.from({ length: 39 }, (_, index) => `Tide (${index + 2}).mp3`)]
    expect((await rig.libraryNames()).sort()).toEqual(expected.sort())
    await expectTidy(40)
  })

  it('a list that names a track twice, or one position for all, brings each track once and right', async () => {
    const pack = await aPack(4)
    pack.list([...pack.contents, ...pack.contents].map((entry) => ({ ...entry, position: 1 })))
    await rig.reached(await begin(pack), 'done')
    expect(await known(pack)).toEqual(upTo(4))
    await expectTidy(4)
  })

  it('what is damaged or gone comes back under its name in one go; what is healthy is not touched', async () => {
    const pack = await aPack(6)
    await rig.reached(await begin(pack), 'done')
    const place = (number: number) => path.join(rig.library, `Nia - Track ${number} [124 8A].mp3`)
    const names = await rig.libraryNames()
    const before = await Promise.all([1, 3, 6].map((number) => stat(place(number))))
    for (const number of [2, 5]) await writeFile(place(number), 'broken')
    await rm(place(4))
    let folderSyncs = 0
    watch = (operation, synced) => {
      if (operation === 'sync' && synced === rig.library) folderSyncs += 1
    }
    await rig.libraryCalls.repair(undefined, {})
    await rig.reached(await begin(pack), 'done')
    expect(await known(pack)).toEqual(upTo(6))
    expect((await rig.libraryNames()).sort()).toEqual(names.sort())
    const after = await Promise.all([1, 3, 6].map((number) => stat(place(number))))
    expect(after.map(({ ino, mtimeMs }) => [ino, mtimeMs])).toEqual(before.map(({ ino, mtimeMs }) => [ino, mtimeMs]))
    expect(folderSyncs).toBe(1)
  })
})

describe('R-DC-12: a track comes by itself while the pack that brings it too is being published', () => {
  it.each([
    ['before its copy is announced', 'sync'],
    ['after its copy was announced', 'link'],
  ] as const)('%s: it is here once', async (_, moment) => {
    const pack = await aPack(3)
    const [, bytes] = pack.files
    const contentId = pack.contents[1]?.trackId ?? ''
    server.put({ contentType: 'track', contentId }, bytes ?? Buffer.alloc(0), { fileName: 'Track 2.mp3' })
    let hasCome = false
    watch = async (operation, place) => {
      if (hasCome || operation !== moment || !place.endsWith('.piece')) return
      hasCome = true
      const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId })
      await rig.reached(id, 'done')
    }
    await rig.reached(await begin(pack), 'done')
    expect([hasCome, await known(pack)]).toEqual([true, upTo(3)])
    await expectTidy(3)
  })
})

describe('DL13: what breaks in the middle of a pack leaves the tracks before it in the library, and the rest comes later', () => {
  it('a track that is not what the list says', async () => {
    const pack = await aPack(6)
    pack.list(pack.contents.map((entry, index) => (index === 3 ? { ...entry, sha256: '0'.repeat(64) } : entry)))
    const id = await begin(pack)
    expect((await rig.reached(id, 'stalled')).reason?.code).toBe('corrupt-source')
    expect(await known(pack)).toEqual(upTo(3))
    const { fileBytes } = server.seen
    pack.list(pack.contents)
    await rig.retryStalled(id)
    await rig.reached(id, 'done')
    expect([await known(pack), server.seen.fileBytes]).toEqual([upTo(6), fileBytes])
    await expectTidy(6)
  })

  it('a pause', async () => {
    const pack = await aPack(6)
    const id = await begin(pack)
    const paused = Promise.withResolvers<unknown>()
    let pieces = 0
    watch = (operation, place) => {
      if (operation !== 'open' || !place.endsWith('.piece')) return
      pieces += 1
      if (pieces === 4) paused.resolve(rig.delivery.pause(undefined, { downloadId: id }))
    }
    await paused.promise
    await rig.reached(id, 'paused')
    await rig.until(async () => (await known(pack)).length > 0)
    expect(await known(pack)).toEqual(upTo(3))
    const { fileBytes } = server.seen
    await rig.delivery.resume(undefined, { downloadId: id })
    await rig.reached(id, 'done')
    expect([await known(pack), server.seen.fileBytes]).toEqual([upTo(6), fileBytes])
    await expectTidy(6)
  })

  it.each([
    ['no room for another file', 'open', '.piece'],
    ['no room when a track is synced', 'sync', '.piece'],
    ['no room for a name', 'link', '.mp3'],
  ] as const)('a disk that is full: %s', async (_, operation, ending) => {
    const pack = await aPack(6)
    const on = (place: string) => place.endsWith(ending)
    const lift = failing.fail({ operations: [operation], code: 'ENOSPC', on, after: 3 })
    const id = await begin(pack)
    await rig.reached(id, 'needs-space')
    expect(await known(pack)).toEqual(upTo(3))
    const { fileBytes } = server.seen
    lift()
    await rig.delivery.retry(undefined, { downloadId: id })
    await rig.reached(id, 'done')
    expect([await known(pack), server.seen.fileBytes]).toEqual([upTo(6), fileBytes])
    await expectTidy(6)
  })
})
