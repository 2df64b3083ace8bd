import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open as openFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Owned } from '../../contract/entitlements.ts'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import { sharedStaging } from '../../main/core/library/library-place.ts'
import { createLibraryVolume } from '../../main/core/library/volume.ts'
import { isPart } from '../_kit/failing-disk.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { aTrack, ownedTrack, owning } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, RIG_TIMINGS, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
const MARKER = '.mixmint-volume.json'
const timings = { ...RIG_TIMINGS, connectionWorthBytes: 16 * 2 ** 20 }
let folder: string
let server: FaultServer
let rig: TransferRig
let values: Map<string, unknown>
let owned: Owned[]
/** Folders at which something is mounted now, each with the number of its device. */
let mounts: Map<string, number>
/** What was written to drives and is in memory only. */
let closed: Set<string>
/** Hears of a file of the system's disk that is about to be opened. */
let beforeOpen: (place: string) => Promise<void>
/** Hears of a file of a drive that is about to be read. */
let beforeRead: (place: string) => Promise<void>
let unsynced: { readonly name: string; readonly position: number; readonly length: number }[]

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  values = new Map()
  owned = []
  mounts = new Map()
  unsynced = []
  closed = new Set()
  beforeOpen = async () => {}
  beforeRead = async () => {}
})

const media = () => path.join(folder, 'media')
const drive = (name: string) => path.join(media(), name)
const library = () => path.join(drive('MUSIC'), 'DJ', 'Library')

/** The system's disk, on which the folders of `mounts` are volumes of their own. */
function diskWithDrives(): Disk {
  const deviceOf = (place: string) => [...mounts].find(([at]) => place === at || place.startsWith(at + path.sep))?.[1]
  return {
    ...realDisk,
    async open(place, flags, mode) {
      await beforeOpen(String(place))
      const handle = await realDisk.open(place, flags, mode)
      const device = deviceOf(String(place))
      if (device === undefined) return handle
      const write = handle.write.bind(handle)
      const close = handle.close.bind(handle)
      const facts = handle.stat.bind(handle)
      const sync = handle.sync.bind(handle)
      const read = handle.read.bind(handle) as (...given: unknown[]) => Promise<unknown>
      const gone = () => Promise.reject(Object.assign(new Error('input/output error'), { code: 'EIO' }))
      return Object.assign(handle, {
        async read(...given: unknown[]) {
          await beforeRead(String(place))
          return await (deviceOf(String(place)) === device ? read(...given) : gone())
        },
        // What lay in memory is lost, and the time of change is kept.
        stat: async () => Object.assign(await facts(), { mtimeMs: 1 }),
        async close() {
          await close()
          closed.add(path.basename(String(place)))
        },
        async sync() {
          await sync()
          unsynced = unsynced.filter(({ name }) => name !== path.basename(String(place)))
        },
        write(buffer: Buffer, offset: number, length: number, position: number) {
          if (deviceOf(String(place)) === device) {
            unsynced.push({ name: path.basename(String(place)), position, length })
            return write(buffer, offset, length, position)
          }
          return gone()
        },
      })
    },
    stat: (async (place: string) => {
      const stat = await realDisk.stat(place)
      return Object.assign(stat, { dev: deviceOf(String(place)) ?? stat.dev })
    }) as unknown as Disk['stat'],
  }
}

/** Plugs a drive in: what it holds appears where it is mounted. */
async function plugIn(name: string, device = 77): Promise<void> {
  await mkdir(media(), { recursive: true })
  await rm(drive(name), { recursive: true, force: true })
  await rename(path.join(folder, `unplugged-${device}`), drive(name)).catch(() =>
    mkdir(drive(name), { recursive: true }),
  )
  mounts.set(drive(name), device)
}

/** Pulls a drive out; an empty folder may stay where it was. */
async function pullOut(name: string, leavesFolder = false): Promise<void> {
  const device = mounts.get(drive(name))
  mounts.delete(drive(name))
  await rename(drive(name), path.join(folder, `unplugged-${device}`))
  if (leavesFolder) await mkdir(drive(name))
}

/** The part file as a drive has it that was pulled out and put back. */
async function loseUnsynced(id: string): Promise<void> {
  const place = path.join(sharedStaging(library(), path.dirname(rig.staging)), `${id}.part`)
  const file = await openFile(place, 'r+')
  for (const { name, position, length } of unsynced)
    if (name === `${id}.part`) await file.write(Buffer.alloc(length), 0, length, position)
  await file.close()
}

async function open(libraryFolder?: string): Promise<void> {
  rig = await openTransferRig({
    folder,
    address: server.address,
    serverCall: owning(() => owned),
    timings,
    speed: 20,
    disk: diskWithDrives(),
    values,
    volumeParents: [media()],
    settings: { connectionsPerFile: 1, parallelDownloads: 1 },
    ...(libraryFolder === undefined ? {} : { libraryFolder }),
  })
}

/** The track whose file is known. */
function onlyTrack(): string {
  return String(rig.db.prepare('select track_id from local_files').get()?.['track_id'])
}

/** Writes a new crate of one owned track to a folder of this computer. */
async function syncedCrate(trackId: string) {
  owned = [ownedTrack(aTrack({ id: trackId }))]
  await rig.libraryCalls.refresh(undefined, {})
  const place = path.join(folder, 'Crate')
  await mkdir(place)
  const { id: crateId } = await rig.crates.create(undefined, { name: 'Set' })
  await rig.crates.setItems(undefined, { crateId, items: [{ contentType: 'track', contentId: trackId }] })
  await rig.crates.setFolder(undefined, { crateId, folderId: rig.needs.folderIds.remember(place).id })
  return await rig.crates.sync(undefined, { crateId })
}

async function start(title: string, segments = 2): Promise<string> {
  const content = { contentType: 'track' as const, contentId: randomUUID() }
  server.put(content, randomBytes(segments * SEGMENT), { segmentSize: SEGMENT, fileName: 'x.wav' })
  return (await rig.delivery.start(undefined, { ...content, title })).id
}

/** A library on a drive that was used once. */
async function useDrive(): Promise<void> {
  await plugIn('MUSIC')
  await mkdir(library(), { recursive: true })
  await open(library())
  await rig.reached(await start('first'), 'done')
}

describe('DL12: the drive of the library', () => {
  it.each([
    ['a folder that can not be synced at first', 1],
    ['a folder that can be synced', 0],
  ])(
    'first used by several downloads at once: it is known by the marker that lies on it, with %s',
    async (_, failures) => {
      await plugIn('MUSIC')
      await mkdir(library(), { recursive: true })
      const disk = diskWithDrives()
      let left = failures
      const volume = createLibraryVolume({
        disk: {
          ...disk,
          async open(place, flags, mode) {
            const isSync = place === library()
            if (isSync) await new Promise((resolve) => setImmediate(resolve))
            if (isSync && left-- > 0) throw Object.assign(new Error('input/output error'), { code: 'EIO' })
            return await disk.open(place, flags, mode)
          },
        },
        random: { bytes: (length) => randomBytes(length), uuid: () => randomUUID() },
        settings: { readValue: (name) => values.get(name), writeValue: (name, value) => void values.set(name, value) },
        libraryFolder: library,
        dataFolder: folder,
        volumeParents: [media()],
        onMoved: () => {},
      })
      await Promise.allSettled([volume.assertThere(), volume.assertThere(), volume.assertThere()])
      expect(values.get('libraryVolume')).toMatchObject({
        id: JSON.parse(await readFile(path.join(library(), MARKER), 'utf8')).id,
      })
      await volume.assertThere()
      await open(library())
    },
  )

  it.each([
    ['its folder is gone with it', false],
    ['an empty folder stays where it was mounted', true],
  ])('not connected, downloads wait for it by name and go on when it is back: %s', async (_, leavesFolder) => {
    await useDrive()
    await pullOut('MUSIC', leavesFolder)
    const id = await start('second')
    const other = await start('third')
    expect(await rig.reached(id, 'waiting-for-drive')).toMatchObject({
      driveName: 'MUSIC',
      reason: { code: 'drive-missing' },
    })
    expect((await rig.byId(other))?.status).toBe('queued')
    // Nothing was written where the drive belongs.
    expect(await readdir(drive('MUSIC')).catch(() => [])).toEqual([])
    expect((await rig.delivery.plan(undefined, {})).volumes).toMatchObject([{ name: 'MUSIC', isConnected: false }])
    await plugIn('MUSIC')
    expect(await rig.reached(id, 'done')).toMatchObject({ driveName: null })
    await rig.reached(other, 'done')
    expect((await readdir(library())).filter((name) => !name.startsWith('.'))).toHaveLength(3)
  })

  it('pulled out between two runs: the download waits, and goes on with what is here', async () => {
    await useDrive()
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 4 * SEGMENT))
    const id = await start('second', 8)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) >= 4 * SEGMENT)
    await rig.delivery.pause(undefined, { downloadId: id })
    await pullOut('MUSIC')
    await rig.delivery.resume(undefined, { downloadId: id })
    await rig.reached(id, 'waiting-for-drive')
    const sent = server.seen.fileBytes
    server.rules.file = (request) => request.honest()
    await plugIn('MUSIC')
    await rig.reached(id, 'done')
    expect(server.seen.fileBytes - sent).toBeLessThanOrEqual(5 * SEGMENT)
  })

  it('pulled out while what an earlier process left is read again, none of that is taken for lost', async () => {
    await useDrive()
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 5 * SEGMENT))
    const id = await start('second', 8)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) >= 5 * SEGMENT)
    await rig.delivery.pause(undefined, { downloadId: id })
    await rig.close()
    server.rules.file = (request) => request.honest()
    await open(library())
    const left = rig.db.prepare('select count(*) as n from download_segments').get()
    expect(left).toMatchObject({ n: 5 })
    let reads = 0
    beforeRead = async (place) => {
      reads += isPart(place) ? 1 : 0
      if (reads === 2) await pullOut('MUSIC')
    }
    await rig.delivery.resume(undefined, { downloadId: id })
    await rig.reached(id, 'waiting-for-drive')
    expect(rig.db.prepare('select count(*) as n from download_segments').get()).toEqual(left)
    beforeRead = async () => {}
    await plugIn('MUSIC')
    await rig.reached(id, 'done')
  })

  it('pulled out and back between two runs, what it had in memory is gone with its time of change unmoved: the file is whole all the same', async () => {
    await useDrive()
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 4 * SEGMENT))
    const id = await start('second', 8)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) >= 4 * SEGMENT)
    await rig.delivery.pause(undefined, { downloadId: id })
    await rig.until(async () => closed.has(`${id}.part`))
    await loseUnsynced(id)
    server.rules.file = (request) => request.honest()
    await rig.delivery.resume(undefined, { downloadId: id })
    await rig.reached(id, 'done')
    expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ checked: 2, here: 2, damaged: 0 })
  })

  it('pulled out while bytes arrive, the error of the disk is told as what it is', async () => {
    await useDrive()
    const held: (() => void)[] = []
    server.rules.file = ({ honest }) => held.push(honest)
    const id = await start('second', 8)
    await rig.until(async () => held.length === 1)
    await pullOut('MUSIC')
    for (const answer of held) answer()
    expect((await rig.reached(id, 'waiting-for-drive')).driveName).toBe('MUSIC')
    server.rules.file = (request) => request.honest()
    await plugIn('MUSIC')
    await rig.reached(id, 'done')
  })

  it('pulled out while a file that has its name already is looked at, that is found when it is back, and does not come again', async () => {
    await useDrive()
    const file = path.join(library(), 'second.wav')
    const steps = [
      // The name was given, and can not be made to last.
      { at: library(), work: () => Promise.reject(Object.assign(new Error('input/output error'), { code: 'EIO' })) },
      { at: file, work: () => pullOut('MUSIC', true) },
    ]
    beforeOpen = async (place) => {
      const names = await readdir(library()).catch((): string[] => [])
      if (!names.includes('second.wav') || place !== steps[0]?.at) return
      await steps.shift()?.work()
    }
    const id = await start('second')
    await rig.reached(id, 'waiting-for-drive')
    const { files } = server.seen
    await plugIn('MUSIC')
    await rig.reached(id, 'done')
    expect((await readdir(library())).filter((name) => !name.startsWith('.')).sort()).toEqual([
      'first.wav',
      'second.wav',
    ])
    expect(server.seen.files).toBe(files)
  })

  it('is known by its id: mounted elsewhere, it is used there, and everything that was remembered follows', async () => {
    await useDrive()
    await pullOut('MUSIC')
    const id = await start('second')
    await rig.reached(id, 'waiting-for-drive')
    await plugIn('MUSIC1')
    await rig.reached(id, 'done')
    const moved = path.join(drive('MUSIC1'), 'DJ', 'Library')
    expect(rig.needs.libraryFolder()).toBe(moved)
    expect((await readdir(moved)).filter((name) => !name.startsWith('.'))).toHaveLength(2)
    const folders = rig.db.prepare('select distinct folder from local_files').all()
    expect(folders).toEqual([{ folder: moved }])
  })

  it('mounted elsewhere when the app starts, it is found before anything is downloaded', async () => {
    await useDrive()
    await rig.close()
    await pullOut('MUSIC')
    await plugIn('MUSIC1')
    await open(library())
    const moved = path.join(drive('MUSIC1'), 'DJ', 'Library')
    expect(rig.needs.libraryFolder()).toBe(moved)
    expect(rig.db.prepare('select distinct folder from local_files').all()).toEqual([{ folder: moved }])
  })

  it('mounted elsewhere while nothing is downloaded, the library shows, checks, counts and removes its files there, and crates have them', async () => {
    await useDrive()
    await pullOut('MUSIC')
    await plugIn('MUSIC1')
    const trackId = onlyTrack()
    owned.push(ownedTrack(aTrack({ id: trackId })))
    await rig.libraryCalls.refresh(undefined, {})
    expect((await rig.libraryCalls.list(undefined, { sort: 'added' })).items).toMatchObject([{ state: 'here' }])
    await pullOut('MUSIC1')
    await plugIn('MUSIC')
    expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ checked: 1, here: 1 })
    await pullOut('MUSIC')
    await plugIn('MUSIC1')
    expect(await rig.delivery.planEverything(undefined, {})).toMatchObject({ downloads: 0, areHere: 1 })
    await pullOut('MUSIC1')
    await plugIn('MUSIC')
    expect(await syncedCrate(trackId)).toMatchObject({ waitingForDownload: 0 })
    await pullOut('MUSIC')
    await plugIn('MUSIC1')
    await rig.libraryCalls.removeLocal(undefined, { trackId })
    expect(rig.db.prepare('select * from local_files').all()).toEqual([])
    expect(await readdir(path.join(drive('MUSIC1'), 'DJ', 'Library'))).not.toContain('first.wav')
  })

  it.each([true, false])(
    'away, nothing on it is taken for lost, missing or removed: the drive is asked for by name',
    async (leaves) => {
      await useDrive()
      await pullOut('MUSIC', leaves)
      const away = { code: 'drive-missing', detail: { driveName: 'MUSIC' } }
      await expect(rig.libraryCalls.verify(undefined, {})).rejects.toMatchObject(away)
      await expect(rig.libraryCalls.repair(undefined, {})).rejects.toMatchObject(away)
      await expect(rig.libraryCalls.removeLocal(undefined, { trackId: onlyTrack() })).rejects.toMatchObject(away)
      await expect(rig.delivery.downloadEverything(undefined, {})).rejects.toMatchObject(away)
      await expect(syncedCrate(onlyTrack())).rejects.toMatchObject(away)
      await plugIn('MUSIC')
      expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ checked: 1, here: 1 })
    },
  )

  it('another drive at the same place is not it', async () => {
    await useDrive()
    await pullOut('MUSIC')
    await plugIn('MUSIC', 88)
    await mkdir(library(), { recursive: true })
    await writeFile(path.join(library(), 'theirs.wav'), 'x')
    const id = await start('second')
    expect((await rig.reached(id, 'waiting-for-drive')).driveName).toBe('MUSIC')
    expect(await readdir(library())).toEqual(['theirs.wav'])
    await pullOut('MUSIC')
    await plugIn('MUSIC')
    await rig.reached(id, 'done')
  })

  it('a folder that was deleted on a drive that is there is missing, not the drive', async () => {
    await useDrive()
    await rm(library(), { recursive: true })
    const id = await start('second')
    expect((await rig.reached(id, 'needs-folder')).reason?.code).toBe('folder-missing')
    expect(await readdir(path.join(drive('MUSIC'), 'DJ'))).toEqual([])
  })

  it('a marker that was damaged is written again; the drive stays the same', async () => {
    await useDrive()
    const marker = JSON.parse(await readFile(path.join(library(), MARKER), 'utf8'))
    await writeFile(path.join(library(), MARKER), '{"id": ')
    await rig.reached(await start('second'), 'done')
    expect(JSON.parse(await readFile(path.join(library(), MARKER), 'utf8'))).toEqual(marker)
  })

  it('survives a restart while the drive is away', async () => {
    await useDrive()
    await pullOut('MUSIC')
    const id = await start('second')
    await rig.reached(id, 'waiting-for-drive')
    await rig.close()
    await open(library())
    expect((await rig.reached(id, 'waiting-for-drive')).driveName).toBe('MUSIC')
    await plugIn('MUSIC')
    await rig.reached(id, 'done')
  })

  it('a library on a drive that was never seen here is named by its path', async () => {
    await mkdir(media(), { recursive: true })
    await open(library())
    expect((await rig.reached(await start('first'), 'waiting-for-drive')).driveName).toBe('MUSIC')
  })
})

describe('DL12: the default library', () => {
  it('is never a missing drive: beside the data of the app it is made again, and has no marker', async () => {
    await open()
    await rig.reached(await start('first'), 'done')
    await rm(rig.library, { recursive: true })
    await rig.reached(await start('second'), 'done')
    expect(await readdir(rig.library)).not.toContain(MARKER)
    expect(values.size).toBe(0)
  })
})
