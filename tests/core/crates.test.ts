import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { File as TaggedFile } from 'node-taglib-sharp'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../contract/call.ts'
import type { TrackSummary } from '../../contract/catalogue.ts'
import type { CrateRecord, SyncReport } from '../../contract/crates.ts'
import type { Owned } from '../../contract/entitlements.ts'
import { AppError } from '../../contract/errors.ts'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import type { FaultServer, FileRequest } from '../_kit/fault-server.ts'
import { keepingCrates } from '../_kit/keeping-crates.ts'
import { aTrack, ownedPack, ownedTrack, owning, servePack, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

let folder: string
let crateFolder: string
let server: FaultServer
let owned: Owned[]
/** The crates as the server has them. */
let records: Map<string, CrateRecord>
let isAway: boolean
let rig: TransferRig
/** Files that the crates' code wrote, linked, renamed or removed since it was emptied. */
let writes: string[]

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  crateFolder = path.join(folder, 'USB')
  await mkdir(crateFolder)
  owned = []
  records = new Map()
  isAway = false
  writes = []
  rig = await openRig()
})

/** The real disk; notes what changes in the crate's folder. */
function notingDisk(replaced: Partial<Disk> = {}): Disk {
  const note = (place: unknown) => {
    if (String(place).startsWith(crateFolder)) writes.push(path.basename(String(place)))
  }
  return {
    ...realDisk,
    async link(from, to) {
      await realDisk.link(from, to)
      note(to)
    },
    async rename(from, to) {
      await realDisk.rename(from, to)
      note(to)
    },
    async unlink(place) {
      await realDisk.unlink(place)
      note(place)
    },
    async open(place, flags, mode) {
      if (flags !== 'r' && typeof flags === 'string') note(place)
      return await realDisk.open(place, flags, mode)
    },
    ...replaced,
  }
}

function openRig(disk: Disk = notingDisk()): Promise<TransferRig> {
  return openTransferRig({ folder, address: server.address, serverCall: crateServer(), disk })
}

function crateServer(): Caller {
  const there = keepingCrates(
    owning(() => owned),
    { records: () => records },
  )
  return (async (definition, input) => {
    if (isAway) throw new AppError('offline')
    return await there(definition, input)
  }) as Caller
}

async function own(title: string, change: Partial<TrackSummary> = {}, seconds = 1.1): Promise<TrackSummary> {
  const track = aTrack({ title, ...change })
  await serveTrack(server, track, await someAudio(track.format ?? 'mp3', seconds))
  owned.push(ownedTrack(track))
  await rig.libraryCalls.refresh(undefined, {})
  return track
}

async function fetchTrack({ id: contentId }: TrackSummary): Promise<void> {
  const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId })
  await rig.reached(id, 'done')
}

async function crateOf(name: string, tracks: readonly TrackSummary[], place = crateFolder): Promise<string> {
  const { id: crateId } = await rig.crates.create(undefined, { name })
  await setTracks(crateId, tracks)
  const { id: folderId } = rig.needs.folderIds.remember(place)
  await rig.crates.setFolder(undefined, { crateId, folderId })
  return crateId
}

async function setTracks(crateId: string, tracks: readonly TrackSummary[]): Promise<void> {
  const items = tracks.map(({ id }) => ({ contentType: 'track' as const, contentId: id }))
  await rig.crates.setItems(undefined, { crateId, items })
}

function sync(crateId: string): Promise<SyncReport> {
  return rig.crates.sync(undefined, { crateId })
}

async function names(): Promise<string[]> {
  return (await readdir(crateFolder)).filter((name) => !name.startsWith('.')).sort()
}

async function playlist(name: string): Promise<string> {
  return await readFile(path.join(crateFolder, name), 'utf8')
}

describe('R-DC-20: a crate is written to its folder', () => {
  it('named by the template, linked where the volume allows it, with a playlist in order', async () => {
    const tide = await own('Tide')
    const motor = await own('Motor', { artist: 'AC/DC', format: 'wav', durationSeconds: 1, bpm: null, key: null })
    await fetchTrack(tide)
    await fetchTrack(motor)
    const crateId = await crateOf('Warm up', [motor, tide])
    const plan = await rig.crates.plan(undefined, { crateId })
    expect(plan).toMatchObject({ added: 2, removed: 0, renamed: 0, unchanged: 0, writes: 4, waitingForDownload: 0 })
    expect(await names()).toEqual([])
    expect(await sync(crateId)).toMatchObject({ added: 2, writes: 4, folder: crateFolder, playlist: 'Warm up.m3u8' })
    expect(await names()).toEqual(['AC-DC - Motor.wav', 'Nia - Tide [124 8A].mp3', 'Warm up.m3u8'])
    const [ours, canonical] = await Promise.all([
      stat(path.join(crateFolder, 'AC-DC - Motor.wav')),
      stat(path.join(rig.library, 'AC-DC - Motor.wav')),
    ])
    expect(ours.ino).toBe(canonical.ino)
    expect(await playlist('Warm up.m3u8')).toBe(
      '#EXTM3U\n#EXTINF:1,AC/DC - Motor\nAC-DC - Motor.wav\n#EXTINF:61,Nia - Tide\nNia - Tide [124 8A].mp3\n',
    )
    const [crate] = (await rig.crates.list(undefined, {})).crates
    expect(crate).toMatchObject({ name: 'Warm up', folder: { path: crateFolder, isThere: true } })
    expect(crate?.items.map(({ title, state }) => [title, state])).toEqual([
      ['Motor', 'synced'],
      ['Tide', 'synced'],
    ])
  })

  it('copied and compared where links are not possible', async () => {
    await rig.close()
    rig = await openRig(
      notingDisk({
        link: async (from, to) => {
          const isAcross = String(from).startsWith(rig.library) && String(to).startsWith(crateFolder)
          if (isAcross) throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' })
          await realDisk.link(from, to)
        },
      }),
    )
    const tide = await own('Tide')
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [tide])
    expect(await sync(crateId)).toMatchObject({ added: 1 })
    const place = path.join(crateFolder, 'Nia - Tide [124 8A].mp3')
    const canonical = path.join(rig.library, 'Nia - Tide [124 8A].mp3')
    expect((await stat(place)).ino).not.toBe((await stat(canonical)).ino)
    expect((await readFile(place)).equals(await readFile(canonical))).toBe(true)
    expect(await sync(crateId)).toMatchObject({ writes: 0, unchanged: 1 })
    expect(await readdir(crateFolder)).toHaveLength(3)
  })

  it('downloads what is missing first, and is synced by itself when that has arrived', async () => {
    const tide = await own('Tide')
    const motor = await own('Motor')
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [tide, motor])
    expect(await sync(crateId)).toMatchObject({ added: 1, waitingForDownload: 1, bytesToDownload: 1000 })
    await rig.until(async () => (await names()).length === 3)
    await rig.until(async () => (await playlist('Warm up.m3u8')).includes('Motor'))
    expect(await names()).toEqual(['Nia - Motor [124 8A].mp3', 'Nia - Tide [124 8A].mp3', 'Warm up.m3u8'])
  })

  it('DL11: on another volume the room for what it waits for is part of the plan, until that has come', async () => {
    await rig.close()
    const onDrive: Partial<Disk> = {
      stat: (async (place: string) => {
        const facts = await realDisk.stat(place)
        return String(place).startsWith(crateFolder) ? Object.assign(facts, { dev: 77 }) : facts
      }) as unknown as Disk['stat'],
    }
    rig = await openRig(notingDisk(onDrive))
    const motor = await own('Motor')
    const held: FileRequest[] = []
    server.rules.file = (request) => void held.push(request)
    const crateId = await crateOf('Warm up', [motor])
    await sync(crateId)
    await rig.until(async () => held.length > 0)
    const volumes = async () => (await rig.delivery.plan(undefined, {})).volumes
    const [download] = (await rig.list()).downloads
    expect(await volumes()).toMatchObject([
      { isForCopies: false, downloads: 1 },
      { name: 'USB', isForCopies: true, downloads: 1, remainingBytes: download?.totalBytes },
    ])
    server.rules.file = (request) => request.honest()
    for (const request of held) request.honest()
    await rig.until(async () => (await names()).length === 2)
    expect(await volumes()).toMatchObject([{ isForCopies: false, downloads: 0 }])
  })

  it('holds packs as their tracks', async () => {
    const tracks = [aTrack({ title: 'One' }), aTrack({ title: 'Two' })]
    const pack = ownedPack('Pack', tracks)
    owned.push(pack)
    await servePack(server, pack, [await someAudio('mp3'), await someAudio('mp3', 1.4)])
    await rig.libraryCalls.refresh(undefined, {})
    const crateId = await crateOf('Warm up', [])
    await rig.crates.setItems(undefined, { crateId, items: [{ contentType: 'album', contentId: pack.contentId }] })
    expect(await sync(crateId)).toMatchObject({ waitingForDownload: 2 })
    await rig.until(async () => (await names()).length === 3)
    await rig.until(async () => (await rig.crates.list(undefined, {})).crates[0]?.items[0]?.state === 'synced')
    expect((await rig.list()).downloads.map(({ content }) => content.contentType)).toEqual(['album'])
  })

  it('what is not owned is shown as such and not synced', async () => {
    const crateId = await crateOf('Wishes', [aTrack({ title: 'Not mine' })])
    expect(await sync(crateId)).toMatchObject({ added: 0, waitingForDownload: 0 })
    expect((await rig.crates.list(undefined, {})).crates[0]?.items).toMatchObject([{ state: 'not-owned' }])
  })

  it('leaves foreign files untouched, whatever they are called', async () => {
    const tide = await own('Tide')
    await fetchTrack(tide)
    const foreign = ['nia - tide [124 8a].MP3', 'Warm up.m3u8', 'notes.txt', '.hidden']
    for (const name of foreign) await writeFile(path.join(crateFolder, name), `mine: ${name}`)
    const crateId = await crateOf('Warm up', [tide])
    await sync(crateId)
    await setTracks(crateId, [])
    await sync(crateId)
    await rig.crates.remove(undefined, { crateId })
    for (const name of foreign) expect(await readFile(path.join(crateFolder, name), 'utf8')).toBe(`mine: ${name}`)
    expect(await names()).toContain('Warm up (2).m3u8')
  })

  it.each<[string, string, () => Promise<void>]>([
    ['missing', 'folder-missing', () => rm(crateFolder, { recursive: true })],
    [
      'a file',
      'folder-missing',
      async () => {
        await rm(crateFolder, { recursive: true })
        await writeFile(crateFolder, '')
      },
    ],
  ])('a folder that is %s is told as %s', async (_, code, spoil) => {
    const tide = await own('Tide')
    const crateId = await crateOf('Warm up', [tide])
    await spoil()
    await expect(sync(crateId)).rejects.toMatchObject({ code })
    expect((await rig.crates.list(undefined, {})).crates[0]?.folder).toMatchObject({ isThere: false })
    const { id: folderId } = rig.needs.folderIds.remember(crateFolder)
    await expect(rig.crates.setFolder(undefined, { crateId, folderId })).rejects.toMatchObject({ code })
  })

  it('two crates can share a track, but not a folder', async () => {
    const tide = await own('Tide')
    await fetchTrack(tide)
    const first = await crateOf('First', [tide])
    await sync(first)
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Second' })
    const { id: folderId } = rig.needs.folderIds.remember(crateFolder)
    await expect(rig.crates.setFolder(undefined, { crateId, folderId })).rejects.toMatchObject({
      code: 'folder-not-writable',
    })
    const other = path.join(folder, 'Other')
    await mkdir(other)
    const second = await crateOf('Third', [tide], other)
    expect(await sync(second)).toMatchObject({ added: 1 })
    expect((await stat(path.join(other, 'Nia - Tide [124 8A].mp3'))).nlink).toBe(3)
  })
})

describe('R-DC-22: a second run finds nothing to do', () => {
  it('0 writes, 0 requests', async () => {
    const tracks = [await own('Tide'), await own('Motor', { format: 'wav' }), await own('Night', { format: 'flac' })]
    for (const track of tracks) await fetchTrack(track)
    const crateId = await crateOf('Warm up', tracks)
    await sync(crateId)
    const before = await Promise.all(
      (await readdir(crateFolder)).map(async (name) => [name, (await stat(path.join(crateFolder, name))).mtimeMs]),
    )
    writes = []
    const asked = server.seen.paths.length
    expect(await sync(crateId)).toMatchObject({
      writes: 0,
      added: 0,
      renamed: 0,
      removed: 0,
      unchanged: 3,
      bytesToDownload: 0,
    })
    expect(await rig.crates.plan(undefined, { crateId })).toMatchObject({ writes: 0 })
    expect(writes).toEqual([])
    expect(server.seen.paths.length).toBe(asked)
    const after = await Promise.all(
      (await readdir(crateFolder)).map(async (name) => [name, (await stat(path.join(crateFolder, name))).mtimeMs]),
    )
    expect(after).toEqual(before)
  })

  it('also after the local database was lost: the folder is known by its manifest', async () => {
    const tide = await own('Tide')
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [tide])
    await sync(crateId)
    await rig.until(async () => records.size === 1)
    await rig.close()
    const account = path.dirname(rig.staging)
    for (const name of await readdir(account)) if (name.startsWith('local.sqlite')) await rm(path.join(account, name))
    await rm(path.join(rig.library, 'Nia - Tide [124 8A].mp3'))
    rig = await openRig()
    await rig.libraryCalls.refresh(undefined, {})
    await rig.crates.list(undefined, {})
    const { id: folderId } = rig.needs.folderIds.remember(crateFolder)
    await rig.crates.setFolder(undefined, { crateId, folderId })
    writes = []
    expect(await sync(crateId)).toMatchObject({ writes: 0, unchanged: 1, waitingForDownload: 0 })
    expect(writes).toEqual([])
  })

  it('also when the manifest was lost: files are known by what they are', async () => {
    const tide = await own('Tide')
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [tide])
    await sync(crateId)
    await rm(path.join(crateFolder, '.mixmint-crate.json'))
    expect(await sync(crateId)).toMatchObject({ added: 0, unchanged: 1, writes: 1 })
    expect(await names()).toEqual(['Nia - Tide [124 8A].mp3', 'Warm up.m3u8'])
  })

  it('a changed order changes the playlist alone', async () => {
    const [one, two] = [await own('One'), await own('Two', {}, 1.4)]
    await fetchTrack(one)
    await fetchTrack(two)
    const crateId = await crateOf('Warm up', [one, two])
    await sync(crateId)
    await setTracks(crateId, [two, one])
    writes = []
    expect(await sync(crateId)).toMatchObject({ added: 0, removed: 0, unchanged: 2, writes: 2 })
    expect(writes.filter((name) => name.endsWith('.mp3'))).toEqual([])
    const text = await playlist('Warm up.m3u8')
    expect(text.indexOf('Two')).toBeLessThan(text.indexOf('One'))
  })
})

describe('R-DC-20: what the user does in the folder stays', () => {
  it('a file they renamed or moved is found again, and keeps its new place', async () => {
    const [one, two] = [await own('One'), await own('Two', { format: 'wav' }, 1.4)]
    await fetchTrack(one)
    await fetchTrack(two)
    const crateId = await crateOf('Warm up', [one, two])
    await sync(crateId)
    await mkdir(path.join(crateFolder, 'Openers'))
    await rename(path.join(crateFolder, 'Nia - One [124 8A].mp3'), path.join(crateFolder, 'Openers', '01.mp3'))
    await rename(path.join(crateFolder, 'Nia - Two [124 8A].wav'), path.join(crateFolder, 'closer.wav'))
    expect(await sync(crateId)).toMatchObject({ added: 0, removed: 0, unchanged: 2 })
    expect(await playlist('Warm up.m3u8')).toContain('\nOpeners/01.mp3\n')
    expect(await playlist('Warm up.m3u8')).toContain('\ncloser.wav\n')
    expect(await sync(crateId)).toMatchObject({ writes: 0 })
  })

  it('a copy they renamed and tagged anew is found by its sound', async () => {
    const tide = await own('Tide', { format: 'flac' })
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [tide])
    await sync(crateId)
    const place = path.join(crateFolder, 'mine.flac')
    const bytes = await readFile(path.join(crateFolder, 'Nia - Tide [124 8A].flac'))
    await rm(path.join(crateFolder, 'Nia - Tide [124 8A].flac'))
    await writeFile(place, bytes)
    const file = TaggedFile.createFromPath(place)
    file.tag.title = 'Mine'
    file.save()
    file.dispose()
    expect(await sync(crateId)).toMatchObject({ added: 0, unchanged: 1 })
    expect(await names()).toEqual(['Warm up.m3u8', 'mine.flac'])
  })

  it('a playlist they edited is not written over: ours takes another name', async () => {
    const [one, two] = [await own('One'), await own('Two', {}, 1.4)]
    await fetchTrack(one)
    await fetchTrack(two)
    const crateId = await crateOf('Warm up', [one])
    await sync(crateId)
    await writeFile(path.join(crateFolder, 'Warm up.m3u8'), '#EXTM3U\nmy order\n')
    expect(await sync(crateId)).toMatchObject({ writes: 0, playlist: 'Warm up.m3u8' })
    await setTracks(crateId, [one, two])
    expect(await sync(crateId)).toMatchObject({ added: 1, playlist: 'Warm up (2).m3u8' })
    expect(await playlist('Warm up.m3u8')).toBe('#EXTM3U\nmy order\n')
    expect(await playlist('Warm up (2).m3u8')).toContain('Two')
    expect(await sync(crateId)).toMatchObject({ writes: 0 })
  })

  it('a file they put in the place of ours is theirs', async () => {
    const tide = await own('Tide')
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [tide])
    await sync(crateId)
    const place = path.join(crateFolder, 'Nia - Tide [124 8A].mp3')
    await rm(place)
    await writeFile(place, 'my own')
    expect(await sync(crateId)).toMatchObject({ added: 1 })
    expect(await readFile(place, 'utf8')).toBe('my own')
    expect(await names()).toContain('Nia - Tide [124 8A] (2).mp3')
  })

  it('a track that leaves the crate leaves the folder, when the library has it and nobody changed it', async () => {
    const [one, two, three] = [await own('One'), await own('Two', {}, 1.4), await own('Three', {}, 1.7)]
    for (const track of [one, two, three]) await fetchTrack(track)
    const crateId = await crateOf('Warm up', [one, two, three])
    await sync(crateId)
    const changed = path.join(crateFolder, 'Nia - Two [124 8A].mp3')
    const bytes = await readFile(changed)
    await rm(changed)
    await writeFile(changed, Buffer.concat([bytes, Buffer.from('my cue points')]))
    await rig.libraryCalls.removeLocal(undefined, { trackId: three.id })
    await setTracks(crateId, [])
    expect(await sync(crateId)).toMatchObject({ removed: 1 })
    expect(await names()).toEqual(['Nia - Three [124 8A].mp3', 'Nia - Two [124 8A].mp3', 'Warm up.m3u8'])
    expect(await rig.libraryNames()).toHaveLength(2)
  })

  it('a crate or template with another name renames what was named by the old one, and that alone', async () => {
    const [one, two] = [await own('One'), await own('Two', {}, 1.4)]
    await fetchTrack(one)
    await fetchTrack(two)
    const crateId = await crateOf('Warm up', [one, two])
    await sync(crateId)
    await rename(path.join(crateFolder, 'Nia - Two [124 8A].mp3'), path.join(crateFolder, 'kept.mp3'))
    rig.settings.fileNameTemplate = '{bpm} {title}'
    await rig.crates.rename(undefined, { crateId, name: 'Peak' })
    expect(await sync(crateId)).toMatchObject({ renamed: 1, unchanged: 1 })
    expect(await names()).toEqual(['124 One.mp3', 'Peak.m3u8', 'kept.mp3'])
    expect(await sync(crateId)).toMatchObject({ writes: 0 })
  })

  it('DL15: a crate has a template of its own, followed by renaming alone; the library and other crates keep theirs', async () => {
    const [one, two] = [await own('One'), await own('Two', {}, 1.4)]
    await fetchTrack(one)
    await fetchTrack(two)
    const crateId = await crateOf('Warm up', [one, two])
    const other = path.join(folder, 'USB 2')
    await mkdir(other)
    const otherId = await crateOf('Peak', [one], other)
    await sync(crateId)
    await sync(otherId)
    const inode = async (name: string) => (await stat(path.join(crateFolder, name))).ino
    const before = [await inode('Nia - One [124 8A].mp3'), await inode('Nia - Two [124 8A].mp3')]
    const inits = server.seen.inits
    const template = '{bpm} {key} {title}'
    const changed = await rig.crates.setFileNames(undefined, { crateId, template })
    expect(changed.fileNameTemplate).toBe(template)
    expect(await rig.crates.plan(undefined, { crateId })).toMatchObject({ renamed: 2, added: 0, removed: 0 })
    writes = []
    expect(await sync(crateId)).toMatchObject({ renamed: 2, unchanged: 0, bytesToDownload: 0 })
    const renamed = ['124 8A One.mp3', '124 8A Two.mp3']
    expect(await names()).toEqual([...renamed, 'Warm up.m3u8'])
    expect(await Promise.all(renamed.map(inode))).toEqual(before)
    expect(await playlist('Warm up.m3u8')).toContain('\n124 8A One.mp3\n')
    expect(writes.filter((name) => name.endsWith('.mp3')).sort()).toEqual(
      [...renamed, 'Nia - One [124 8A].mp3', 'Nia - Two [124 8A].mp3'].sort(),
    )
    expect(server.seen.inits).toBe(inits)
    expect(await rig.libraryNames()).toEqual(['Nia - One [124 8A].mp3', 'Nia - Two [124 8A].mp3'])
    expect(await sync(otherId)).toMatchObject({ writes: 0 })
    expect(await sync(crateId)).toMatchObject({ writes: 0 })
    await rig.close()
    rig = await openRig()
    expect(await sync(crateId)).toMatchObject({ writes: 0 })
    expect((await rig.crates.setFileNames(undefined, { crateId, template: null })).fileNameTemplate).toBeNull()
    expect(await sync(crateId)).toMatchObject({ renamed: 2 })
    expect(await names()).toEqual(['Nia - One [124 8A].mp3', 'Nia - Two [124 8A].mp3', 'Warm up.m3u8'])
  })

  it('DL15: files of one name are numbered as the preview says, and each has its own again when it comes again', async () => {
    const [one, two, three] = [await own('One'), await own('Two', {}, 1.4), await own('Three', {}, 1.7)]
    for (const track of [one, two, three]) await fetchTrack(track)
    const crateId = await crateOf('Warm up', [one, two, three])
    const template = '{artist}'
    expect(await rig.crates.previewFileNames(undefined, { crateId, template })).toEqual({
      isOwn: true,
      names: ['Nia.mp3', 'Nia (2).mp3', 'Nia (3).mp3'],
      total: 3,
      numbered: 2,
      numberedExample: 'Nia (2).mp3',
    })
    await rig.crates.setFileNames(undefined, { crateId, template })
    await sync(crateId)
    const bytesOf = async (name: string) => await readFile(path.join(crateFolder, name))
    const [first, second] = [await bytesOf('Nia.mp3'), await bytesOf('Nia (2).mp3')]
    for (const name of ['Nia.mp3', 'Nia (2).mp3']) await rm(path.join(crateFolder, name))
    await setTracks(crateId, [two, three, one])
    expect(await sync(crateId)).toMatchObject({ added: 2, unchanged: 1 })
    expect([(await bytesOf('Nia.mp3')).equals(first), (await bytesOf('Nia (2).mp3')).equals(second)]).toEqual([
      true,
      true,
    ])
    expect(await sync(crateId)).toMatchObject({ writes: 0 })
  })

  it('DL15: the preview is made of a made-up track where nothing is owned, and safe on every system', async () => {
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Empty' })
    const preview = { isOwn: false, total: 1, numbered: 0, numberedExample: null }
    expect(await rig.crates.previewFileNames(undefined, { crateId, template: 'CON.{title}?/' })).toEqual({
      ...preview,
      names: ['_CON.Snow Line-.mp3'],
    })
    expect(await rig.crates.previewFileNames(undefined, { template: '{artist} [{bpm} {key}]' })).toEqual({
      ...preview,
      names: ['Kōji Nakata [121 5A].mp3'],
    })
    await own('Tide', { format: 'wav' })
    expect(await rig.crates.previewFileNames(undefined, { template: '{bpm} {title}' })).toMatchObject({
      isOwn: true,
      names: ['124 Tide.wav'],
    })
    const nowhere = { crateId: randomUUID(), template: '{title}' }
    await expect(rig.crates.previewFileNames(undefined, nowhere)).rejects.toMatchObject({ code: 'not-found' })
    await expect(rig.crates.setFileNames(undefined, nowhere)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('unlinked, the folder keeps everything', async () => {
    const tide = await own('Tide')
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [tide])
    await sync(crateId)
    expect((await rig.crates.setFolder(undefined, { crateId, folderId: null })).folder).toBeNull()
    expect(await names()).toHaveLength(2)
    await expect(sync(crateId)).rejects.toMatchObject({ code: 'folder-missing' })
  })
})

describe('R-DC-20: hostile folders', () => {
  it('a manifest that leads out of the folder is not believed', async () => {
    const precious = path.join(folder, 'precious.mp3')
    const tide = await own('Tide')
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [])
    await link(path.join(rig.library, 'Nia - Tide [124 8A].mp3'), precious)
    const bytes = await readFile(precious)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const { mtimeMs } = await stat(precious)
    const facts = { givenName: 'x', sha256, audioSha256: null, sizeBytes: bytes.length, changedMs: mtimeMs }
    const files = ['../precious.mp3', precious].map((name) => ({ trackId: tide.id, name, ...facts }))
    const playlistOf = { name: '../precious.mp3', sha256 }
    await writeFile(
      path.join(crateFolder, '.mixmint-crate.json'),
      JSON.stringify({ version: 1, crateId, playlist: playlistOf, files }),
    )
    await sync(crateId)
    expect((await readFile(precious)).equals(bytes)).toBe(true)
  })

  it('an empty file that a killed sync left to keep a name goes, and the track has that name; any other stays', async () => {
    const track = await own('Tide')
    await fetchTrack(track)
    const name = 'Nia - Tide [124 8A].mp3'
    for (const empty of [name, 'Nia - Tide [124 8A] (2).mp3', 'Nia - Mine.mp3', 'notes.txt'])
      await writeFile(path.join(crateFolder, empty), '')
    const crateId = await crateOf('Set', [track])
    expect(await rig.crates.plan(undefined, { crateId })).toMatchObject({ added: 1 })
    expect(await names()).toContain('Nia - Tide [124 8A] (2).mp3')
    expect(await sync(crateId)).toMatchObject({ added: 1 })
    expect(await names()).toEqual(['Nia - Mine.mp3', name, 'Set.m3u8', 'notes.txt'])
    expect((await stat(path.join(crateFolder, name))).size).toBeGreaterThan(0)
  })

  it('leftovers of a sync that was killed are cleared, other temporary files are not', async () => {
    const crateId = await crateOf('Warm up', [])
    await writeFile(path.join(crateFolder, '.mixmint-0123456789abcdef.tmp'), 'half')
    await writeFile(path.join(crateFolder, '.mixmint-other.tmp'), 'theirs')
    await sync(crateId)
    expect((await readdir(crateFolder)).sort()).toEqual(['.mixmint-crate.json', '.mixmint-other.tmp', 'Warm up.m3u8'])
  })
})

describe('R-DC-20: crates with and without the server', () => {
  it('edits made with no network are shown at once and told later', async () => {
    isAway = true
    const { id: crateId, hasPendingEdits } = await rig.crates.create(undefined, { name: 'Offline' })
    expect(hasPendingEdits).toBe(true)
    await setTracks(crateId, [aTrack()])
    expect((await rig.crates.list(undefined, {})).crates).toMatchObject([{ name: 'Offline', hasPendingEdits: true }])
    await rig.close()
    rig = await openRig()
    isAway = false
    rig.setOnline(false)
    rig.setOnline(true)
    await rig.until(async () => records.size === 1)
    expect([...records.values()]).toMatchObject([{ id: crateId, name: 'Offline', revision: 1 }])
    await rig.until(async () => (await rig.crates.list(undefined, {})).crates[0]?.hasPendingEdits === false)
  })

  it('a crate that changed elsewhere wins, and the edit of this computer is kept beside it', async () => {
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Set' })
    await rig.until(async () => (await rig.crates.list(undefined, {})).crates[0]?.hasPendingEdits === false)
    isAway = true
    const mine = aTrack()
    await setTracks(crateId, [mine])
    const elsewhere = { contentType: 'track' as const, contentId: randomUUID() }
    records.set(crateId, { ...(records.get(crateId) as CrateRecord), items: [elsewhere], revision: 2 })
    isAway = false
    rig.setOnline(true)
    await rig.until(async () => records.size === 2)
    await rig.until(async () => (await rig.crates.list(undefined, {})).crates.every((crate) => !crate.hasPendingEdits))
    const list = (await rig.crates.list(undefined, {})).crates
    expect(list.find(({ id }) => id === crateId)?.items[0]?.contentId).toBe(elsewhere.contentId)
    expect(list.find(({ name }) => name === 'Set (this computer)')?.items[0]?.contentId).toBe(mine.id)
    expect([...records.values()].map(({ name }) => name).sort()).toEqual(['Set', 'Set (this computer)'])
  })

  it('a crate that was deleted elsewhere while it was edited here is kept, with its folder', async () => {
    const crateId = await crateOf('Set', [])
    await rig.until(async () => (await rig.crates.list(undefined, {})).crates[0]?.hasPendingEdits === false)
    isAway = true
    await setTracks(crateId, [aTrack()])
    records.clear()
    isAway = false
    rig.setOnline(true)
    await rig.until(async () => records.size === 1)
    await rig.until(async () => (await rig.crates.list(undefined, {})).crates.length === 1)
    const [crate] = (await rig.crates.list(undefined, {})).crates
    expect(crate).toMatchObject({ name: 'Set (this computer)', folder: { path: crateFolder } })
    expect(crate?.id).not.toBe(crateId)
  })

  it('crates that changed elsewhere come, and those deleted elsewhere go', async () => {
    const { id: gone } = await rig.crates.create(undefined, { name: 'Gone' })
    await rig.until(async () => records.has(gone))
    const id = randomUUID()
    records = new Map([
      [id, { id, name: 'New', sortOrder: 0, revision: 4, items: [], updatedAt: new Date().toISOString() }],
    ])
    rig.setOnline(true)
    await rig.until(async () => (await rig.crates.list(undefined, {})).crates[0]?.name === 'New')
    expect((await rig.crates.list(undefined, {})).crates).toHaveLength(1)
  })

  it('a deletion with no network is told later', async () => {
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Set' })
    await rig.until(async () => (await rig.crates.list(undefined, {})).crates[0]?.hasPendingEdits === false)
    isAway = true
    await rig.crates.remove(undefined, { crateId })
    expect((await rig.crates.list(undefined, {})).crates).toEqual([])
    expect(records.size).toBe(1)
    isAway = false
    rig.setOnline(true)
    await rig.until(async () => records.size === 0)
    await expect(rig.crates.rename(undefined, { crateId, name: 'x' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('a name that is taken, here or on the server, gives no second crate of it', async () => {
    await rig.crates.create(undefined, { name: 'Set' })
    await expect(rig.crates.create(undefined, { name: 'SET' })).rejects.toMatchObject({ code: 'crate-exists' })
    await rig.until(async () => records.size === 1)
    isAway = true
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Other' })
    const id = randomUUID()
    records.set(id, { id, name: 'Other', sortOrder: 0, revision: 1, items: [], updatedAt: new Date().toISOString() })
    isAway = false
    rig.setOnline(true)
    await rig.until(async () => records.has(crateId))
    expect(records.get(crateId)?.name).toBe('Other (this computer)')
  })
})

describe('R-DC-20: what a sync can not do', () => {
  it('a full disk is told, and nothing half-written stays', async () => {
    await rig.close()
    rig = await openRig(
      notingDisk({
        link: async (from, to) => {
          const isInto = String(to).startsWith(crateFolder) && String(from).startsWith(rig.library)
          if (isInto) throw Object.assign(new Error('ENOSPC'), { code: 'EXDEV' })
          await realDisk.link(from, to)
        },
        async open(place, flags, mode) {
          const handle = await realDisk.open(place, flags, mode)
          if (flags !== 'wx+') return handle
          return Object.assign(handle, {
            writeFile: () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })),
          })
        },
      }),
    )
    const tide = await own('Tide')
    await fetchTrack(tide)
    const crateId = await crateOf('Warm up', [tide])
    await expect(sync(crateId)).rejects.toMatchObject({ code: 'disk-full' })
    expect(await readdir(crateFolder)).toEqual([])
  })
})
