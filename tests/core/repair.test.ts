import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { File as TaggedFile } from 'node-taglib-sharp'
import { beforeEach, describe, expect, it } from 'vitest'
import type { TrackSummary } from '../../contract/catalogue.ts'
import type { Owned } from '../../contract/entitlements.ts'
import type { ByteRange } from '../../contract/values.ts'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import { createFailingDisk } from '../_kit/failing-disk.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { keepingCrates } from '../_kit/keeping-crates.ts'
import { aTrack, ownedPack, ownedTrack, owning, servePack, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024

let folder: string
let server: FaultServer
let owned: Owned[]
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  owned = []
  rig = await openRig()
})

function openRig(disk: Disk = realDisk): Promise<TransferRig> {
  return openTransferRig({ folder, address: server.address, serverCall: keepingCrates(owning(() => owned)), disk })
}

interface Here {
  readonly track: TrackSummary
  readonly bytes: Buffer
  readonly place: string
}

async function aTrackHere(title: string, seconds = 6): Promise<Here> {
  const track = aTrack({ title, format: 'wav' })
  const bytes = await someAudio('wav', seconds)
  await serveTrack(server, track, bytes)
  owned.push(ownedTrack(track))
  await rig.libraryCalls.refresh(undefined, {})
  const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: track.id })
  await rig.reached(id, 'done')
  return { track, bytes, place: path.join(rig.library, `Nia - ${title} [124 8A].wav`) }
}

/** A pack with its tracks in the library, of three seconds and more each. */
async function aPackHere(titles: readonly string[]) {
  const tracks = titles.map((title) => aTrack({ title, format: 'wav' }))
  const item = ownedPack('Pack', tracks)
  const files = await Promise.all(titles.map((_, index) => someAudio('wav', 3 + index / 10)))
  const served = await servePack(server, item, files)
  owned.push(item)
  await rig.libraryCalls.refresh(undefined, {})
  const { id } = await rig.delivery.start(undefined, { contentType: 'album', contentId: item.contentId })
  await rig.reached(id, 'done')
  await rig.until(async () => server.seen.completes > 0)
  const places = titles.map((title) => path.join(rig.library, `Nia - ${title} [124 8A].wav`))
  return { pack: { ...item, served }, files, places }
}

function segmentsOf([start, end]: ByteRange): number[] {
  const [first, last] = [Math.floor(start / SEGMENT), Math.floor(end / SEGMENT)]
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function fail(): never {
  throw new Error('the test lacks something')
}

async function damage({ place }: Here, at: number): Promise<void> {
  await damageAt(place, at)
}

async function damageAt(place: string, at: number): Promise<void> {
  const file = await open(place, 'r+')
  await file.write(Buffer.from('noise'), 0, 5, at)
  await file.close()
}

function retag(place: string): void {
  const file = TaggedFile.createFromPath(place)
  file.tag.title = 'My own title'
  file.save()
  file.dispose()
}

async function settled(): Promise<void> {
  const isMoving = (status: string) => !['done', 'failed'].includes(status)
  await rig.until(async () => !(await rig.list()).downloads.some(({ status }) => isMoving(status)))
}

async function stateOf({ track }: Here): Promise<string | undefined> {
  const { items } = await rig.libraryCalls.list(undefined, { sort: 'added' })
  return items.find(({ trackId }) => trackId === track.id)?.state
}

describe('DL4: verify and repair', () => {
  it('of a damaged file only the damaged segment is fetched again; the old file stays until the new one is proved', async () => {
    const tide = await aTrackHere('Tide')
    await damage(tide, 3 * SEGMENT + 100)
    const before = server.seen.fileBytes
    const damaged = await readFile(tide.place)
    let sawOld = false
    server.rules.file = ({ honest }) => {
      readFile(tide.place).then(
        (now) => {
          sawOld = now.equals(damaged)
          honest()
        },
        () => honest(),
      )
    }
    expect(await rig.libraryCalls.repair(undefined, {})).toEqual({
      checked: 1,
      here: 0,
      retagged: 0,
      damaged: 1,
      missing: 0,
      queued: 1,
      downloadIds: [(await rig.list()).downloads[0]?.id],
    })
    await settled()
    expect((await readFile(tide.place)).equals(tide.bytes)).toBe(true)
    expect([sawOld, await rig.libraryNames(), await stateOf(tide)]).toEqual([true, [path.basename(tide.place)], 'here'])
    expect(server.seen.fileBytes - before).toBe(SEGMENT)
    expect(server.attempts()).toHaveLength(1)
  })

  it('a damaged file that can not be looked at for a moment is replaced when it can be, not kept beside the sound one', async () => {
    await rig.close()
    const { disk, fail } = createFailingDisk()
    rig = await openRig(disk)
    const tide = await aTrackHere('Tide', 1)
    await damage(tide, 100)
    await rig.libraryCalls.verify(undefined, {})
    const heal = fail({ operations: ['lstat'], code: 'EIO', on: (place) => place === tide.place })
    const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: tide.track.id })
    expect((await rig.reached(id, 'stalled')).reason?.code).toBe('disk-error')
    heal()
    await rig.retryStalled(id)
    await rig.reached(id, 'done')
    expect(await rig.libraryNames()).toEqual([path.basename(tide.place)])
    expect((await readFile(tide.place)).equals(tide.bytes)).toBe(true)
  })

  it('a file that can not be read is damaged, and comes again whole', async () => {
    await rig.close()
    const { disk, fail } = createFailingDisk()
    rig = await openRig(disk)
    const tide = await aTrackHere('Tide', 1)
    const heal = fail({ operations: ['read', 'close'], code: 'EIO', on: (place) => place === tide.place })
    const { downloadIds, damaged } = await rig.libraryCalls.repair(undefined, {})
    expect(damaged).toBe(1)
    const { status, reason } = await rig.reached(downloadIds[0] ?? '', 'done', 'stalled', 'failed')
    expect([status, reason]).toEqual(['done', null])
    heal()
    expect((await readFile(tide.place)).equals(tide.bytes)).toBe(true)
    expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ checked: 1, here: 1 })
  })

  it('what is damaged is repaired also where the list of what is owned has not been read since it was bought', async () => {
    const tide = await aTrackHere('Tide', 1)
    rig.db.exec('delete from owned')
    await damage(tide, 100)
    expect(await rig.libraryCalls.repair(undefined, {})).toMatchObject({ damaged: 1, queued: 1 })
    await settled()
    expect((await readFile(tide.place)).equals(tide.bytes)).toBe(true)
  })

  it('decision 24: a file that DJ software re-tagged is healthy and never touched', async () => {
    const tide = await aTrackHere('Tide')
    retag(tide.place)
    const before = await stat(tide.place)
    const asked = server.seen.inits
    expect(await rig.libraryCalls.repair(undefined, {})).toMatchObject({ retagged: 1, damaged: 0, queued: 0 })
    await settled()
    const after = await stat(tide.place)
    expect([after.ino, after.mtimeMs, after.size]).toEqual([before.ino, before.mtimeMs, before.size])
    expect(server.seen.inits).toBe(asked)
  })

  it('what was delivered once and is gone comes again when asked for, and never by itself', async () => {
    const tide = await aTrackHere('Tide')
    const rain = await aTrackHere('Rain', 2)
    owned.push(ownedTrack(aTrack({ title: 'Never here' })))
    await rm(tide.place)
    const asked = server.seen.inits
    await rig.close()
    rig = await openRig()
    await rig.libraryCalls.refresh(undefined, {})
    await rig.libraryCalls.verify(undefined, {})
    expect([await stateOf(tide), server.seen.inits]).toEqual(['missing', asked])
    expect(await rig.libraryCalls.repair(undefined, { trackIds: [rain.track.id] })).toMatchObject({
      checked: 1,
      queued: 0,
    })
    expect(await rig.libraryCalls.repair(undefined, {})).toMatchObject({ checked: 2, missing: 1, queued: 1 })
    await settled()
    expect((await readFile(tide.place)).equals(tide.bytes)).toBe(true)
    expect(await rig.libraryNames()).toHaveLength(2)
  })

  it('a damaged track of a pack comes back from the pack; its other files stay as they are', async () => {
    const tracks = [aTrack({ title: 'One', format: 'wav' }), aTrack({ title: 'Two', format: 'wav' })]
    const pack = ownedPack('Pack', tracks)
    const files = [await someAudio('wav', 2), await someAudio('wav', 3)]
    await servePack(server, pack, files)
    owned.push(pack)
    await rig.libraryCalls.refresh(undefined, {})
    const { id } = await rig.delivery.start(undefined, { contentType: 'album', contentId: pack.contentId })
    await rig.reached(id, 'done')
    const [one = '', two = ''] = ['One', 'Two'].map((title) => path.join(rig.library, `Nia - ${title} [124 8A].wav`))
    await writeFile(one, 'broken')
    const before = await stat(two)
    expect(await rig.libraryCalls.repair(undefined, {})).toMatchObject({ checked: 2, damaged: 1, queued: 1 })
    await settled()
    expect((await readFile(one)).equals(files[0] ?? Buffer.alloc(0))).toBe(true)
    expect((await stat(two)).ino).toBe(before.ino)
    expect(await rig.libraryNames()).toHaveLength(2)
  })

  it('of a pack only the parts of its zip are fetched that hold what is damaged; each is proved, and the old file stays until then', async () => {
    const { pack, files, places } = await aPackHere(['One', 'Two', 'Three'])
    const { contents } = pack.served
    const two = contents[1] ?? fail()
    const place = places[1] ?? fail()
    // Inside a segment that holds nothing but this track.
    const inside = Math.ceil(two.offset / SEGMENT) + 2
    await damageAt(place, inside * SEGMENT - two.offset + 100)
    const before = { ...server.seen, ranges: [...server.seen.ranges] }
    const damaged = await readFile(place)
    let sawOld = true
    server.rules.file = ({ honest }) => {
      readFile(place).then(
        (now) => {
          sawOld &&= now.equals(damaged)
          honest()
        },
        () => honest(),
      )
    }
    expect(await rig.libraryCalls.repair(undefined, {})).toMatchObject({ damaged: 1, here: 2, queued: 1 })
    await settled()
    expect((await readFile(place)).equals(files[1] ?? fail())).toBe(true)
    expect([sawOld, await rig.libraryNames()]).toEqual([true, places.map((one) => path.basename(one)).sort()])
    const first = Math.floor(two.offset / SEGMENT)
    const last = Math.floor((two.offset + two.sizeBytes - 1) / SEGMENT)
    const fetched = new Set(server.seen.ranges.slice(before.ranges.length).flatMap(segmentsOf))
    // The two at its ends hold bytes of its neighbours too, so that what is here of it proves nothing.
    expect([...fetched].sort((left, right) => left - right)).toEqual([first, inside, last])
    expect(server.seen.fileBytes - before.fileBytes).toBe(3 * SEGMENT)
    expect([server.attempts().length, server.seen.completes - before.completes]).toEqual([1, 0])
    const [row] = (await rig.list()).downloads
    expect(row).toMatchObject({ status: 'done', receivedBytes: row?.totalBytes })
    expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ here: 3, damaged: 0 })
  })

  it('a repair of a pack that was broken off goes on with what it has, and fetches the other parts of no other track', async () => {
    const { pack, files, places } = await aPackHere(['One', 'Two', 'Three'])
    for (const place of places.slice(1)) await writeFile(place, 'broken')
    const before = server.seen.fileBytes
    let answers = 0
    server.rules.file = (request) => {
      answers += 1
      if (answers > 2) request.socket.destroy()
      else request.honest()
    }
    expect(await rig.libraryCalls.repair(undefined, {})).toMatchObject({ damaged: 2, queued: 1 })
    await rig.until(async () => answers > 4)
    await rig.close()
    server.rules.file = ({ honest }) => honest()
    rig = await openRig()
    await settled()
    for (const [index, place] of places.entries())
      expect((await readFile(place)).equals(files[index] ?? fail())).toBe(true)
    const [, two, three] = pack.served.contents
    const needed = Math.floor((three?.offset ?? 0) + (three?.sizeBytes ?? 0)) - (two?.offset ?? 0)
    expect(server.seen.fileBytes - before).toBeLessThan(needed + 4 * SEGMENT)
    expect(await rig.libraryNames()).toHaveLength(3)
  })

  it('a repair of a pack whose attempt has run out fetches its parts under another one, and never says that the whole is here', async () => {
    const { files, places } = await aPackHere(['One', 'Two'])
    await writeFile(places[0] ?? fail(), 'broken')
    const completes = server.seen.completes
    let refused = 0
    server.rules.beforeToken = (_, refuse) => {
      if (refused > 0) return false
      refused += 1
      refuse('byte-budget')
      return true
    }
    await rig.libraryCalls.repair(undefined, {})
    await settled()
    expect((await readFile(places[0] ?? fail())).equals(files[0] ?? fail())).toBe(true)
    await rig.until(async () => server.seen.cancels === 1)
    expect([server.attempts().length, server.seen.completes - completes]).toEqual([2, 0])
  })

  it('a zip whose entry is not what its list says leaves the damaged file as it is', async () => {
    const { pack, places } = await aPackHere(['One', 'Two'])
    const place = places[0] ?? fail()
    await writeFile(place, 'broken')
    server.rules.granted = (grant) => ({
      ...grant,
      contents: pack.served.contents.map((entry) => ({ ...entry, offset: entry.offset + 1 })),
    })
    await rig.libraryCalls.repair(undefined, {})
    await rig.until(async () => (await rig.list()).downloads.some(({ reason }) => reason?.code === 'corrupt-source'))
    expect(await readFile(place, 'utf8')).toBe('broken')
    expect(await rig.libraryNames()).toHaveLength(2)
  })

  it('a crate folder that has the damaged file by another name of it gets the sound one, under the same name', async () => {
    const tide = await aTrackHere('Tide')
    const usb = path.join(folder, 'USB')
    await mkdir(usb)
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Friday' })
    await rig.crates.setItems(undefined, { crateId, items: [{ contentType: 'track', contentId: tide.track.id }] })
    await rig.crates.setFolder(undefined, { crateId, folderId: rig.needs.folderIds.remember(usb).id })
    await rig.crates.sync(undefined, { crateId })
    const name = path.basename(tide.place)
    expect((await stat(path.join(usb, name))).ino).toBe((await stat(tide.place)).ino)
    await damage(tide, 3 * SEGMENT + 100)
    await rig.libraryCalls.repair(undefined, {})
    await settled()
    await rig.until(
      async () => (await stat(path.join(usb, name)).catch(() => null))?.ino === (await stat(tide.place)).ino,
    )
    expect((await readFile(path.join(usb, name))).equals(tide.bytes)).toBe(true)
    expect((await readdir(usb)).filter((one) => !one.startsWith('.')).sort()).toEqual(['Friday.m3u8', name])
    expect(await rig.crates.sync(undefined, { crateId })).toMatchObject({ writes: 0 })
  })

  it('a crate folder on another volume never gets a damaged file: it is found as it is copied, and fetched first', async () => {
    await rig.close()
    const usb = path.join(folder, 'USB')
    await mkdir(usb)
    const { disk, fail } = createFailingDisk()
    fail({
      operations: ['link'],
      code: 'EXDEV',
      on: (place) => path.basename(place).startsWith('.mixmint-') && place.startsWith(usb),
    })
    rig = await openRig(disk)
    const tide = await aTrackHere('Tide')
    const before = await stat(tide.place)
    await damage(tide, 3 * SEGMENT + 100)
    // Nobody has written to it, as far as the disk tells.
    await utimes(tide.place, before.atime, before.mtime)
    rig.db.prepare('update local_files set changed_ms = ?').run((await stat(tide.place)).mtimeMs)
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Friday' })
    await rig.crates.setItems(undefined, { crateId, items: [{ contentType: 'track', contentId: tide.track.id }] })
    await rig.crates.setFolder(undefined, { crateId, folderId: rig.needs.folderIds.remember(usb).id })
    expect(await rig.crates.sync(undefined, { crateId })).toMatchObject({ added: 0, waitingForDownload: 1 })
    const copy = path.join(usb, path.basename(tide.place))
    await rig.until(async () => (await stat(copy).catch(() => null)) !== null)
    expect((await readFile(copy)).equals(tide.bytes)).toBe(true)
    expect((await readFile(tide.place)).equals(tide.bytes)).toBe(true)
    expect(server.attempts()).toEqual(['delivered'])
  })

  it('a check of many files ends at once when the account does', async () => {
    for (let number = 0; number < 12; number++) await aTrackHere(`Track ${number}`, 1 + number / 100)
    await rig.close()
    let opened = 0
    const held: (() => void)[] = []
    const slow: Disk = {
      ...realDisk,
      async open(place, flags, mode) {
        if (!String(place).endsWith('.wav')) return await realDisk.open(place, flags, mode)
        opened += 1
        await new Promise<void>((resolve) => held.push(resolve))
        return await realDisk.open(place, flags, mode)
      },
    }
    rig = await openRig(slow)
    const verifying = rig.libraryCalls.verify(undefined, {})
    const told = expect(verifying).rejects.toMatchObject({ code: 'not-signed-in' })
    await rig.until(async () => opened === 8)
    const ending = rig.signOut()
    for (const go of held) go()
    await told
    await ending
    expect(opened).toBe(8)
  })

  it('healthy files are checked without a write, and moved ones found by reading each stray file once', async () => {
    const all: Here[] = []
    for (let number = 0; number < 6; number++) all.push(await aTrackHere(`Track ${number}`, 1 + number / 100))
    for (const [number, { place }] of all.entries())
      if (number > 0) await rename(place, path.join(rig.library, `${number}.wav`))
    await rig.close()
    const opens = new Map<string, number>()
    const counting: Disk = {
      ...realDisk,
      async open(place, flags, mode) {
        const name = path.basename(String(place))
        opens.set(name, (opens.get(name) ?? 0) + 1)
        return await realDisk.open(place, flags, mode)
      },
    }
    rig = await openRig(counting)
    expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ checked: 6, here: 6, missing: 0 })
    const strays = [...opens].filter(([name]) => /^\d\.wav$/.test(name))
    expect(strays).toHaveLength(5)
    // Once for its bytes, once for its sound where another file is looked for, once as the file that was found.
    for (const [, count] of strays) expect(count).toBeLessThanOrEqual(3)
    const changes = () => rig.db.prepare('select total_changes() as n').get()?.['n']
    const before = changes()
    await rig.libraryCalls.verify(undefined, {})
    expect(changes()).toBe(before)
  })
})
