import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { File as TaggedFile } from 'node-taglib-sharp'
import { beforeEach, describe, expect, it } from 'vitest'
import type { TrackSummary } from '../../contract/catalogue.ts'
import type { Owned } from '../../contract/entitlements.ts'
import type { AudioFormat } from '../../contract/values.ts'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { keepingCrates } from '../_kit/keeping-crates.ts'
import { aTrack, ownedTrack, owning, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

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

interface Formats {
  readonly track: TrackSummary
  readonly wav: Buffer
  readonly flac: Buffer
}

/** A track that the store has as WAV, its master, and FLAC. */
async function aTrackInTwo(title = 'Tide'): Promise<Formats> {
  const wav = await someAudio('wav')
  const flac = await someAudio('flac')
  const formats = [
    { format: 'wav' as const, sizeBytes: wav.length, isMaster: true },
    { format: 'flac' as const, sizeBytes: flac.length, isMaster: false },
  ]
  const track = aTrack({ title, format: 'wav', formats })
  await serveTrack(server, track, wav)
  await serveTrack(server, track, flac, 'flac')
  owned.push(ownedTrack(track))
  await rig.libraryCalls.refresh(undefined, {})
  return { track, wav, flac }
}

async function fetchAs({ id: contentId }: TrackSummary, format?: AudioFormat): Promise<void> {
  const wanted = { contentType: 'track' as const, contentId, ...(format === undefined ? {} : { format }) }
  const { id } = await rig.delivery.start(undefined, wanted)
  const { status, reason } = await rig.reached(id, 'done', 'failed')
  expect([status, reason]).toEqual(['done', null])
}

function nameOf(format: string, title = 'Tide'): string {
  return `Nia - ${title} [124 8A].${format}`
}

async function inLibrary(name: string): Promise<Buffer> {
  return await readFile(path.join(rig.library, name))
}

function retag(place: string): void {
  const file = TaggedFile.createFromPath(place)
  file.tag.title = 'My own title'
  file.save()
  file.dispose()
}

async function crateIn(place: string, name: string, tracks: readonly TrackSummary[]): Promise<string> {
  await mkdir(place, { recursive: true })
  const { id: crateId } = await rig.crates.create(undefined, { name })
  const items = tracks.map(({ id }) => ({ contentType: 'track' as const, contentId: id }))
  await rig.crates.setItems(undefined, { crateId, items })
  await rig.crates.setFolder(undefined, { crateId, folderId: rig.needs.folderIds.remember(place).id })
  await rig.crates.sync(undefined, { crateId })
  return crateId
}

async function visible(place: string): Promise<string[]> {
  return (await readdir(place)).filter((name) => !name.startsWith('.')).sort()
}

/** A disk that fails for good at the `cut`-th thing that changes a name, as a pulled plug does. */
function dyingDisk(cut: number): { disk: Disk; isDead: () => boolean } {
  let changes = 0
  const change = () => {
    changes += 1
    if (changes >= cut) throw Object.assign(new Error('gone'), { code: 'EIO' })
  }
  const disk: Disk = {
    ...realDisk,
    async link(from, to) {
      change()
      await realDisk.link(from, to)
    },
    async rename(from, to) {
      change()
      await realDisk.rename(from, to)
    },
    async unlink(place) {
      change()
      await realDisk.unlink(place)
    },
    async open(place, flags, mode) {
      if (flags !== 'r') change()
      return await realDisk.open(place, flags, mode)
    },
  }
  return { disk, isDead: () => changes >= cut }
}

describe('DL14: format per download', () => {
  it('comes in the format that was asked for, and is not fetched again in it', async () => {
    const { track, flac } = await aTrackInTwo()
    await fetchAs(track, 'flac')
    expect((await inLibrary(nameOf('flac'))).equals(flac)).toBe(true)
    const asked = server.seen.inits
    await fetchAs(track, 'flac')
    expect(server.seen.inits).toBe(asked)
    const { items } = await rig.libraryCalls.list(undefined, { sort: 'added' })
    expect(items).toMatchObject([{ state: 'here', format: 'flac', formats: [{ format: 'wav' }, { format: 'flac' }] }])
  })

  it('another format replaces the file, there and back', async () => {
    const { track, wav, flac } = await aTrackInTwo()
    await fetchAs(track)
    expect((await inLibrary(nameOf('wav'))).equals(wav)).toBe(true)
    await fetchAs(track, 'flac')
    expect(await rig.libraryNames()).toEqual([nameOf('flac')])
    expect((await inLibrary(nameOf('flac'))).equals(flac)).toBe(true)
    await fetchAs(track, 'wav')
    expect(await rig.libraryNames()).toEqual([nameOf('wav')])
    expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ checked: 1, here: 1 })
    expect(rig.noticed).not.toContain('old-format-kept')
  })

  it('a lost file comes again in the format that it had, with everything and with a repair', async () => {
    const { track, flac } = await aTrackInTwo()
    await fetchAs(track, 'flac')
    await rm(path.join(rig.library, nameOf('flac')))
    expect(await rig.delivery.planEverything(undefined, {})).toMatchObject({ downloads: 1, bytes: flac.length })
    await rig.delivery.downloadEverything(undefined, {})
    await rig.until(async () => (await rig.delivery.everything(undefined, {})).everything?.finishedAt != null)
    expect(await rig.libraryNames()).toEqual([nameOf('flac')])
    await writeFile(path.join(rig.library, nameOf('flac')), 'broken')
    expect(await rig.libraryCalls.repair(undefined, {})).toMatchObject({ damaged: 1, queued: 1 })
    await rig.until(async () => (await rig.list()).downloads.every(({ status }) => status === 'done'))
    expect((await inLibrary(nameOf('flac'))).equals(flac)).toBe(true)
    expect(await rig.libraryNames()).toEqual([nameOf('flac')])
  })

  it('a lost file comes again in the format that it had, when a crate misses it', async () => {
    const { track } = await aTrackInTwo()
    await fetchAs(track, 'flac')
    await rm(path.join(rig.library, nameOf('flac')))
    const usb = path.join(folder, 'USB')
    await crateIn(usb, 'Friday', [track])
    await rig.until(async () => (await visible(usb)).includes(nameOf('flac')))
    expect(await rig.libraryNames()).toEqual([nameOf('flac')])
    // Also where the history that knew the format was cleared.
    await rig.delivery.clearFinished(undefined, {})
    await rm(path.join(rig.library, nameOf('flac')))
    await crateIn(path.join(folder, 'Disk'), 'Saturday', [track])
    await rig.until(async () => (await visible(path.join(folder, 'Disk'))).includes(nameOf('flac')))
    expect(await rig.libraryNames()).toEqual([nameOf('flac')])
  })

  it.each([
    ['asked for in no format, its master', undefined, 'wav'],
    ['asked for as its master', 'wav', 'wav'],
    ['asked for in another format', 'flac', 'flac'],
  ] as const)('DL4: what came %s is repaired under the attempt that brought it', async (_, asked, format) => {
    const { track, [format]: bytes } = await aTrackInTwo()
    await fetchAs(track, asked)
    await rig.until(async () => server.seen.completes === 1)
    await writeFile(path.join(rig.library, nameOf(format)), Buffer.alloc(bytes.length))
    const { downloadIds } = await rig.libraryCalls.repair(undefined, {})
    await rig.reached(downloadIds[0] ?? '', 'done')
    expect((await inLibrary(nameOf(format))).equals(bytes)).toBe(true)
    expect(server.attempts()).toEqual(['delivered'])
  })

  it('the old file stays until the new one is proved', async () => {
    const { track, wav } = await aTrackInTwo()
    await fetchAs(track)
    server.rules.file = ({ number, honest, socket }) => (number < 5 ? socket.destroy() : honest())
    const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: track.id, format: 'flac' })
    await rig.until(async () => server.seen.files >= 2)
    expect((await inLibrary(nameOf('wav'))).equals(wav)).toBe(true)
    await rig.reached(id, 'done')
    expect(await rig.libraryNames()).toEqual([nameOf('flac')])
  })

  it('an old file with other tags or other sound is its user’s: it stays, and a notice says so', async () => {
    const one = await aTrackInTwo('One')
    const two = await aTrackInTwo('Two')
    await fetchAs(one.track)
    await fetchAs(two.track)
    retag(path.join(rig.library, nameOf('wav', 'One')))
    await writeFile(path.join(rig.library, nameOf('wav', 'Two')), 'my own work')
    await rig.libraryCalls.verify(undefined, {})
    await fetchAs(one.track, 'flac')
    await fetchAs(two.track, 'flac')
    expect((await rig.libraryNames()).sort()).toEqual(
      ['One', 'Two'].flatMap((title) => [nameOf('flac', title), nameOf('wav', title)]),
    )
    expect(await readFile(path.join(rig.library, nameOf('wav', 'Two')), 'utf8')).toBe('my own work')
    expect((await inLibrary(nameOf('flac', 'Two'))).equals(two.flac)).toBe(true)
    expect(rig.noticed.filter((code) => code === 'old-format-kept')).toHaveLength(2)
  })

  it('an old file that is held open goes at the next start', async () => {
    const { track } = await aTrackInTwo()
    await fetchAs(track)
    await rig.close()
    const holding: Disk = {
      ...realDisk,
      async unlink(place) {
        if (String(place).endsWith('.wav')) throw Object.assign(new Error('held'), { code: 'EBUSY' })
        await realDisk.unlink(place)
      },
    }
    rig = await openRig(holding)
    await fetchAs(track, 'flac')
    await rig.close()
    expect(await visible(rig.library)).toEqual([nameOf('flac'), nameOf('wav')].sort())
    rig = await openRig()
    await rig.until(async () => (await visible(rig.library)).length === 1)
    expect(await visible(rig.library)).toEqual([nameOf('flac')])
    const { items } = await rig.libraryCalls.list(undefined, { sort: 'added' })
    expect(items).toMatchObject([{ state: 'here', fileName: nameOf('flac') }])
  })

  it('an old file that was held open, or away with its drive, goes when the library is looked at', async () => {
    const { track } = await aTrackInTwo()
    await fetchAs(track)
    await rig.close()
    let isHeld = true
    rig = await openRig({
      ...realDisk,
      async unlink(place) {
        if (isHeld && String(place).endsWith('.wav')) throw Object.assign(new Error('held'), { code: 'EBUSY' })
        await realDisk.unlink(place)
      },
    })
    await fetchAs(track, 'flac')
    await rig.libraryCalls.list(undefined, { sort: 'added' })
    expect(await visible(rig.library)).toEqual([nameOf('flac'), nameOf('wav')].sort())
    isHeld = false
    await rig.until(async () => {
      await rig.libraryCalls.list(undefined, { sort: 'added' })
      return (await visible(rig.library)).length === 1
    })
    expect(await visible(rig.library)).toEqual([nameOf('flac')])
  })

  it('an old file that can not be read goes at the next start, and is not told as changed', async () => {
    const { track } = await aTrackInTwo()
    await fetchAs(track)
    await rig.close()
    rig = await openRig({
      ...realDisk,
      async open(place, flags, mode) {
        if (String(place).endsWith('.wav')) throw Object.assign(new Error('input/output error'), { code: 'EIO' })
        return await realDisk.open(place, flags, mode)
      },
    })
    await fetchAs(track, 'flac')
    expect(rig.noticed).not.toContain('old-format-kept')
    await rig.close()
    rig = await openRig()
    await rig.until(async () => (await visible(rig.library)).length === 1)
    expect(await visible(rig.library)).toEqual([nameOf('flac')])
  })

  it('an old file whose folder is away goes when the folder is back', async () => {
    const { track } = await aTrackInTwo()
    await fetchAs(track)
    await rig.close()
    rig = await openRig({
      ...realDisk,
      async unlink(place) {
        if (String(place).endsWith('.wav')) throw Object.assign(new Error('held'), { code: 'EBUSY' })
        await realDisk.unlink(place)
      },
    })
    await fetchAs(track, 'flac')
    await rig.close()
    const { library } = rig
    await rename(library, `${library}-away`)
    rig = await openTransferRig({ folder, address: server.address, libraryFolder: library })
    await rig.close()
    await rename(`${library}-away`, library)
    rig = await openRig()
    await rig.until(async () => (await visible(rig.library)).length === 1)
    expect(await visible(rig.library)).toEqual([nameOf('flac')])
  })

  it('wherever the disk fails a switch for good, a whole file is there, and the next start finishes it with one', {
    timeout: 180_000,
  }, async () => {
    const { track, wav, flac } = await aTrackInTwo()
    for (let cut = 1, isThrough = false; !isThrough; cut++) {
      await rig.close()
      rig = await openRig()
      await fetchAs(track, 'wav')
      await rig.close()
      const dying = dyingDisk(cut)
      rig = await openRig(dying.disk)
      const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: track.id, format: 'flac' })
      await rig.until(async () => dying.isDead() || (await rig.byId(id))?.status === 'done')
      isThrough = !dying.isDead()
      await rig.close()
      const left = await Promise.all((await visible(rig.library)).map(inLibrary))
      expect([cut, left.some((bytes) => bytes.equals(wav) || bytes.equals(flac))]).toEqual([cut, true])
      rig = await openRig()
      await fetchAs(track, 'flac')
      expect([cut, await visible(rig.library)]).toEqual([cut, [nameOf('flac')]])
      expect((await inLibrary(nameOf('flac'))).equals(flac)).toBe(true)
      expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ checked: 1, here: 1 })
      expect(await readdir(rig.staging)).toEqual([])
    }
  })

  it('a format that the store does not have is refused, and the file here stays', async () => {
    const { track, wav } = await aTrackInTwo()
    await fetchAs(track)
    const wanted = { contentType: 'track' as const, contentId: track.id, format: 'aiff' as const }
    const { id } = await rig.delivery.start(undefined, wanted)
    expect(await rig.reached(id, 'failed')).toMatchObject({ reason: { code: 'format-not-offered' } })
    expect((await inLibrary(nameOf('wav'))).equals(wav)).toBe(true)
    expect(await rig.libraryNames()).toEqual([nameOf('wav')])
  })

  it('crates keep the track, and every crate folder has the new file under its name and the old one no more', async () => {
    const { track, flac } = await aTrackInTwo()
    const other = await aTrackInTwo('Other')
    await fetchAs(track)
    await fetchAs(other.track)
    const places = [path.join(folder, 'USB'), path.join(folder, 'Stick')] as const
    const crateIds = [
      await crateIn(places[0], 'Friday', [track, other.track]),
      await crateIn(places[1], 'Saturday', [track]),
    ]
    await writeFile(path.join(places[0], 'foreign.wav'), 'not ours')
    const membership = async () =>
      (await rig.crates.list(undefined, {})).crates.map(({ items }) => items.map((item) => item.contentId))
    const before = await membership()
    await fetchAs(track, 'flac')
    const playlists = [path.join(places[0], 'Friday.m3u8'), path.join(places[1], 'Saturday.m3u8')]
    const areWritten = async () =>
      (await Promise.all(playlists.map((one) => readFile(one, 'utf8')))).every((text) => text.includes(nameOf('flac')))
    await rig.until(areWritten)
    expect(await visible(places[0])).toEqual(
      ['Friday.m3u8', nameOf('wav', 'Other'), nameOf('flac'), 'foreign.wav'].sort(),
    )
    expect(await visible(places[1])).toEqual([nameOf('flac'), 'Saturday.m3u8'].sort())
    for (const place of places) {
      expect((await readFile(path.join(place, nameOf('flac')))).equals(flac)).toBe(true)
    }
    expect(await membership()).toEqual(before)
    for (const crateId of crateIds)
      expect(await rig.crates.sync(undefined, { crateId })).toMatchObject({ writes: 0, removed: 0, added: 0 })
  })

  it('a file in a crate folder that somebody tagged stays beside its successor', async () => {
    const { track } = await aTrackInTwo()
    await fetchAs(track)
    const usb = path.join(folder, 'USB')
    const copying: Disk = {
      ...realDisk,
      async link(from, to) {
        if (String(to).startsWith(usb) && String(from).startsWith(rig.library))
          throw Object.assign(new Error('another volume'), { code: 'EXDEV' })
        await realDisk.link(from, to)
      },
    }
    await rig.close()
    rig = await openRig(copying)
    const crateId = await crateIn(usb, 'Friday', [track])
    retag(path.join(usb, nameOf('wav')))
    await fetchAs(track, 'flac')
    await rig.until(async () => (await visible(usb)).includes(nameOf('flac')))
    expect(await visible(usb)).toEqual(['Friday.m3u8', nameOf('flac'), nameOf('wav')].sort())
    expect(await rig.libraryNames()).toEqual([nameOf('flac')])
    expect(await rig.crates.sync(undefined, { crateId })).toMatchObject({ writes: 0 })
  })
})
