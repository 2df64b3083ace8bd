import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { File as TaggedFile } from 'node-taglib-sharp'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Owned } from '../../contract/entitlements.ts'
import { AppError } from '../../contract/errors.ts'
import type { LibraryItem } from '../../contract/library.ts'
import type { Media } from '../../main/core/ports.ts'
import { createFailingDisk } from '../_kit/failing-disk.ts'
import type { FaultServer, FileRequest } from '../_kit/fault-server.ts'
import { aTrack, ownedPack, ownedTrack, owning, servePack, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
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

function openRig(): Promise<TransferRig> {
  return openTransferRig({ folder, address: server.address, serverCall: owning(() => owned) })
}

async function items(
  input: { query?: string; sort?: 'added' | 'title' | 'artist' | 'bpm' | 'key' } = {},
): Promise<LibraryItem[]> {
  return (await rig.libraryCalls.list(undefined, { sort: 'added', ...input })).items
}

async function stateOf(trackId: string): Promise<string | undefined> {
  return (await items()).find((item) => item.trackId === trackId)?.state
}

async function fetchContent({ contentType, contentId }: Owned): Promise<void> {
  const { id } = await rig.delivery.start(undefined, { contentType, contentId })
  const { status, reason } = await rig.reached(id, 'done', 'failed')
  expect([status, reason]).toEqual(['done', null])
}

/** An owned track whose file is here. */
async function aTrackHere(title = 'Tide', format: 'mp3' | 'flac' | 'wav' | 'aiff' = 'mp3', seconds = 1.1) {
  const track = aTrack({ title, format })
  const bytes = await someAudio(format, seconds)
  await serveTrack(server, track, bytes)
  const item = ownedTrack(track)
  owned.push(item)
  await rig.libraryCalls.refresh(undefined, {})
  await fetchContent(item)
  const place = path.join(rig.library, `Nia - ${title} [124 8A].${format}`)
  return { track, bytes, place, item }
}

describe('R-DC-23: the library says where each track is', () => {
  it('cloud, queued, downloading, here', async () => {
    const track = aTrack()
    owned.push(ownedTrack(track))
    await serveTrack(server, track, await someAudio('mp3'))
    await rig.libraryCalls.refresh(undefined, {})
    expect(await items()).toMatchObject([{ trackId: track.id, title: 'Tide', state: 'cloud', fileName: null }])
    await rig.delivery.pauseAll(undefined, {})
    const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: track.id })
    expect(await stateOf(track.id)).toBe('queued')
    const held: FileRequest[] = []
    server.rules.file = (request) => held.push(request)
    await rig.delivery.resumeAll(undefined, {})
    await rig.until(async () => held.length === 1)
    expect(await stateOf(track.id)).toBe('downloading')
    server.rules.file = ({ honest }) => honest()
    for (const { honest } of held) honest()
    await rig.reached(id, 'done')
    expect(await items()).toMatchObject([{ state: 'here', fileName: 'Nia - Tide [124 8A].mp3' }])
  })

  it('missing when its file has gone, and here again when it is back', async () => {
    const { track, place } = await aTrackHere()
    await rename(place, path.join(folder, 'away.mp3'))
    expect(await stateOf(track.id)).toBe('missing')
    expect(await rig.libraryCalls.verify(undefined, {})).toEqual({
      checked: 1,
      here: 0,
      retagged: 0,
      damaged: 0,
      missing: 1,
    })
    await rename(path.join(folder, 'away.mp3'), place)
    expect(await stateOf(track.id)).toBe('here')
  })

  it('R-DC-24: everything is shown with no network, and told to be possibly old', async () => {
    const { track } = await aTrackHere()
    await rig.close()
    rig = await openTransferRig({ folder, address: 'http://127.0.0.1:9' })
    rig.setOnline(false)
    const list = await rig.libraryCalls.list(undefined, { sort: 'added' })
    expect(list).toMatchObject({ isStale: true, items: [{ trackId: track.id, title: 'Tide', state: 'here' }] })
    expect(list.refreshedAt).not.toBeNull()
    const media = await rig.openTrack(track.id, 'bytes=0-3')
    expect(media.status).toBe(206)
    media.body?.destroy()
  })

  it('is found by any of its words, without accents, and sorted', async () => {
    const tracks = [
      aTrack({ title: 'Prüfer', artist: 'Ana', bpm: 130, key: '9B' }),
      aTrack({ title: 'Anker', artist: 'Zoë', bpm: 98, key: '12A' }),
      aTrack({ title: 'Motte', artist: 'Mika', bpm: null, key: null }),
    ]
    owned = tracks.map((track, day) => ownedTrack(track, `2026-01-0${day + 1}T00:00:00.000Z`))
    await rig.libraryCalls.refresh(undefined, {})
    const titles = async (input: Parameters<typeof items>[0]) => (await items(input)).map(({ title }) => title)
    expect(await titles({ query: 'prufer ana' })).toEqual(['Prüfer'])
    expect(await titles({ query: 'ZOE' })).toEqual(['Anker'])
    expect(await titles({ query: 'nothing' })).toEqual([])
    expect(await titles({ sort: 'added' })).toEqual(['Motte', 'Anker', 'Prüfer'])
    expect(await titles({ sort: 'title' })).toEqual(['Anker', 'Motte', 'Prüfer'])
    expect(await titles({ sort: 'artist' })).toEqual(['Prüfer', 'Motte', 'Anker'])
    expect(await titles({ sort: 'bpm' })).toEqual(['Anker', 'Prüfer', 'Motte'])
    expect(await titles({ sort: 'key' })).toEqual(['Prüfer', 'Anker', 'Motte'])
  })

  it('a track that is owned by itself and in a pack is shown once', async () => {
    const track = aTrack()
    owned = [ownedPack('Pack', [track, aTrack({ title: 'Other' })]), ownedTrack(track)]
    await rig.libraryCalls.refresh(undefined, {})
    const list = await items({ sort: 'title' })
    expect(list.map(({ title, source, album }) => [title, source.contentType, album])).toEqual([
      ['Other', 'album', 'Pack'],
      ['Tide', 'track', null],
    ])
  })

  it('removing the local file keeps the ownership, and the track can come again', async () => {
    const { track, place, item } = await aTrackHere()
    await rig.libraryCalls.removeLocal(undefined, { trackId: track.id })
    expect(await stateOf(track.id)).toBe('cloud')
    expect(await rig.libraryNames()).toEqual([])
    await fetchContent(item)
    expect(await stateOf(track.id)).toBe('here')
    expect(
      createHash('sha256')
        .update(await readFile(place))
        .digest('hex'),
    ).toHaveLength(64)
    await expect(rig.libraryCalls.removeLocal(undefined, { trackId: randomUUID() })).rejects.toThrow(
      new AppError('not-found'),
    )
  })

  it('a file that can not be looked at stays known when it is to be removed', async () => {
    await rig.close()
    const { disk, fail } = createFailingDisk()
    rig = await openTransferRig({ folder, address: server.address, serverCall: owning(() => owned), disk })
    const { track } = await aTrackHere()
    const heal = fail({ operations: ['lstat'], code: 'EACCES', on: (place) => place.endsWith('.mp3') })
    await expect(rig.libraryCalls.removeLocal(undefined, { trackId: track.id })).rejects.toMatchObject({
      code: 'disk-error',
    })
    heal()
    expect(await stateOf(track.id)).toBe('here')
  })

  it('reads tags by what a file is, not by what it is called', async () => {
    const { track, place } = await aTrackHere('Tide', 'flac')
    retag(place, 'Tagged title')
    const db = rig.db.prepare('update local_files set file_name = ? where track_id = ?')
    const disguised = `${path.basename(place)}.mp3`
    await rename(place, path.join(rig.library, disguised))
    db.run(disguised, track.id)
    await rig.libraryCalls.verify(undefined, {})
    expect((await items())[0]?.tags).toMatchObject({ title: 'Tagged title', artist: 'Somebody' })
    const media = await rig.openTrack(track.id, undefined)
    expect(media.headers['content-type']).toBe('audio/flac')
    media.body?.destroy()
  })
})

function retag(place: string, title: string): void {
  const file = TaggedFile.createFromPath(place)
  file.tag.title = title
  file.tag.performers = ['Somebody']
  file.save()
  file.dispose()
}

describe('R-DC-23: a file belongs to its user', () => {
  it.each(['mp3', 'flac', 'wav', 'aiff'] as const)('a %s with other tags is theirs and healthy', async (format) => {
    const { track, place, bytes } = await aTrackHere('Tide', format)
    retag(place, 'My own title')
    expect((await readFile(place)).equals(bytes)).toBe(false)
    expect(await rig.libraryCalls.verify(undefined, { trackIds: [track.id] })).toMatchObject({
      checked: 1,
      retagged: 1,
    })
    expect(await items()).toMatchObject([{ state: 'retagged', tags: { title: 'My own title' } }])
    const asked = server.seen.files
    await fetchContent(ownedTrack(track))
    expect(server.seen.files).toBe(asked)
  })

  it('one with another sound is damaged; repairing replaces it, under its name, once the new one is proved', async () => {
    const { track, place, bytes, item } = await aTrackHere('Tide', 'wav')
    const file = await open(place, 'r+')
    await file.write(Buffer.from('noise'), 0, 5, 2000)
    await file.close()
    expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ damaged: 1 })
    expect(await stateOf(track.id)).toBe('damaged')
    server.rules.file = ({ number, honest, socket }) => (number < 4 ? socket.destroy() : honest())
    const before = await readFile(place)
    const { id } = await rig.delivery.start(
      undefined,
      item.track === null ? item : { contentType: 'track', contentId: track.id },
    )
    await rig.until(async () => server.seen.files >= 2)
    expect((await readFile(place)).equals(before)).toBe(true)
    await rig.reached(id, 'done')
    expect((await readFile(place)).equals(bytes)).toBe(true)
    expect(await rig.libraryNames()).toEqual([path.basename(place)])
    expect(await stateOf(track.id)).toBe('here')
    expect(server.attempts()).toHaveLength(1)
  })

  it('R-MM-48: one that was removed is fetched again as another attempt: the first is spent', async () => {
    const { track, item } = await aTrackHere()
    await rig.until(async () => server.attempts().every((state) => state === 'delivered'))
    await rig.libraryCalls.removeLocal(undefined, { trackId: track.id })
    await fetchContent(item)
    await rig.until(async () => server.attempts().every((state) => state === 'delivered'))
    expect(server.attempts()).toHaveLength(2)
    expect(await stateOf(track.id)).toBe('here')
  })

  it('a damaged one that was changed again since is not replaced', async () => {
    const { track, place, bytes } = await aTrackHere('Tide', 'wav')
    await writeFile(place, 'broken')
    await rig.libraryCalls.verify(undefined, {})
    await writeFile(place, 'my own work')
    await fetchContent(ownedTrack(track))
    expect(await readFile(place, 'utf8')).toBe('my own work')
    expect((await readFile(path.join(rig.library, 'Nia - Tide [124 8A] (2).wav'))).equals(bytes)).toBe(true)
  })

  it('renamed or moved inside the library it is found again, also with other tags', async () => {
    const one = await aTrackHere('One', 'mp3')
    const two = await aTrackHere('Two', 'wav', 1.4)
    await mkdir(path.join(rig.library, 'Sets', '2026'), { recursive: true })
    await rename(one.place, path.join(rig.library, 'Sets', '2026', 'opener.mp3'))
    await rename(two.place, path.join(rig.library, 'closer.wav'))
    retag(path.join(rig.library, 'closer.wav'), 'Closer')
    await writeFile(path.join(rig.library, 'foreign.wav'), await someAudio('wav', 2))
    expect(await rig.libraryCalls.verify(undefined, {})).toEqual({
      checked: 2,
      here: 1,
      retagged: 1,
      damaged: 0,
      missing: 0,
    })
    const list = await items({ sort: 'title' })
    expect(list.map(({ fileName }) => fileName)).toEqual(['opener.mp3', 'closer.wav'])
    await expect(rig.libraryCalls.showInFolder(undefined, { trackId: one.track.id })).resolves.toEqual({
      path: path.join(rig.library, 'Sets', '2026', 'opener.mp3'),
      wasShown: false,
    })
  })

  it('one that other software tagged is noticed without being asked', async () => {
    const { track, place } = await aTrackHere('Tide', 'mp3')
    retag(place, 'Their title')
    expect(await stateOf(track.id)).toBe('here')
    await rig.until(async () => (await stateOf(track.id)) === 'retagged')
    expect((await items())[0]?.tags?.title).toBe('Their title')
  })

  it('after the local database was lost they are known again, by the folder itself, and not fetched a second time', async () => {
    const one = await aTrackHere('One', 'mp3')
    const two = await aTrackHere('Two', 'wav', 1.4)
    const three = await aTrackHere('Three', 'wav', 1.6)
    const four = await aTrackHere('Four', 'wav', 1.8)
    await rig.close()
    retag(two.place, 'Mine')
    await writeFile(three.place, 'something else')
    await rm(four.place)
    const account = path.dirname(rig.staging)
    for (const name of await readdir(account)) if (name.startsWith('local.sqlite')) await rm(path.join(account, name))
    await writeFile(path.join(rig.library, '.mixmint-library.jsonl'), '{"cut sho', { flag: 'a' })
    const asked = server.seen.fileBytes
    rig = await openRig()
    await rig.libraryCalls.refresh(undefined, {})
    const states = (await items({ sort: 'title' })).map(({ title, state }) => [title, state])
    expect(states).toEqual([
      ['Four', 'cloud'],
      ['One', 'here'],
      ['Three', 'cloud'],
      ['Two', 'retagged'],
    ])
    await fetchContent(one.item)
    await fetchContent(two.item)
    expect(server.seen.fileBytes).toBe(asked)
    await fetchContent(three.item)
    expect((await readFile(path.join(rig.library, 'Nia - Three [124 8A] (2).wav'))).equals(three.bytes)).toBe(true)
    expect(await readFile(three.place, 'utf8')).toBe('something else')
  })

  it("a file that is another track's is not taken for the missing one", async () => {
    const bytes = await someAudio('mp3')
    const tracks = [aTrack({ title: 'One' }), aTrack({ title: 'Two' })]
    for (const track of tracks) {
      await serveTrack(server, track, bytes)
      owned.push(ownedTrack(track))
    }
    await rig.libraryCalls.refresh(undefined, {})
    for (const item of owned) await fetchContent(item)
    await rm(path.join(rig.library, 'Nia - One [124 8A].mp3'))
    expect(await rig.libraryCalls.verify(undefined, {})).toMatchObject({ here: 1, missing: 1 })
  })
})

async function bodyOf({ body }: Media): Promise<Buffer> {
  return body === null ? Buffer.alloc(0) : await buffer(body)
}

describe('R-DC-23: playing what is here', () => {
  it('serves the whole, a range, and refuses what is outside', async () => {
    const { track, bytes } = await aTrackHere('Tide', 'mp3')
    const whole = await rig.openTrack(track.id, undefined)
    expect([whole.status, whole.headers['content-type'], whole.headers['content-length']]).toEqual([
      200,
      'audio/mpeg',
      String(bytes.length),
    ])
    expect((await bodyOf(whole)).equals(bytes)).toBe(true)
    const part = await rig.openTrack(track.id, 'bytes=100-')
    expect(part.headers['content-range']).toBe(`bytes 100-${bytes.length - 1}/${bytes.length}`)
    expect((await bodyOf(part)).equals(bytes.subarray(100))).toBe(true)
    const outside = await rig.openTrack(track.id, `bytes=${bytes.length}-`)
    expect([outside.status, outside.headers['content-range'], outside.body]).toEqual([
      416,
      `bytes */${bytes.length}`,
      null,
    ])
    await expect(rig.openTrack(randomUUID(), undefined)).rejects.toThrow(new AppError('not-on-this-disk'))
  })

  it('serves an AIFF as the WAV of the same samples, in ranges too', async () => {
    const { track } = await aTrackHere('Tide', 'aiff')
    const wav = await someAudio('wav')
    const whole = await rig.openTrack(track.id, undefined)
    expect(whole.headers['content-type']).toBe('audio/wav')
    expect((await bodyOf(whole)).equals(wav)).toBe(true)
    for (const [start, end] of [
      [0, 0],
      [10, 60],
      [43, 44],
      [45, 45],
      [47, 1000],
      [1001, 70_000],
    ] as const) {
      const part = await rig.openTrack(track.id, `bytes=${start}-${end}`)
      expect(part.headers['content-range']).toBe(`bytes ${start}-${end}/${wav.length}`)
      expect((await bodyOf(part)).equals(wav.subarray(start, end + 1))).toBe(true)
    }
  })
})

describe('R-DC-12: packs', () => {
  const tracks = [
    aTrack({ title: 'One', format: 'mp3' }),
    aTrack({ title: 'Two', format: 'wav' }),
    aTrack({ title: 'Three', format: 'flac' }),
  ]
  let files: Buffer[]
  let pack: Owned

  beforeEach(async () => {
    files = [await someAudio('mp3'), await someAudio('wav', 1.3), await someAudio('flac', 1.2)]
    pack = ownedPack('Night Pack', tracks)
    owned.push(pack)
    await rig.libraryCalls.refresh(undefined, {})
  })

  it('arrive as their tracks, and the zip goes', async () => {
    await servePack(server, pack, files)
    await fetchContent(pack)
    expect((await rig.libraryNames()).sort()).toEqual([
      'Nia - One [124 8A].mp3',
      'Nia - Three [124 8A].flac',
      'Nia - Two [124 8A].wav',
    ])
    expect((await readFile(path.join(rig.library, 'Nia - Two [124 8A].wav'))).equals(files[1] ?? Buffer.alloc(0))).toBe(
      true,
    )
    expect((await items()).map(({ state }) => state)).toEqual(['here', 'here', 'here'])
    expect(await readdir(rig.staging)).toEqual([])
    await rig.until(async () => server.seen.completes === 1)
  })

  it('keep the zip beside when the settings say so', async () => {
    const { object } = await servePack(server, pack, files)
    rig.settings.keepPackZips = true
    await fetchContent(pack)
    expect((await readFile(path.join(rig.library, 'Night Pack.zip'))).equals(object.bytes)).toBe(true)
    expect(await rig.libraryNames()).toHaveLength(4)
    expect(await readdir(rig.staging)).toEqual([])
  })

  it.each(['../../evil.mp3', '/etc/cron.d/evil', 'C:\\evil.mp3', 'CON', '.bashrc', 'x'.repeat(400)])(
    'take no name from outside: %j lands inside the library',
    async (name) => {
      pack = { ...pack, contentId: randomUUID() }
      const unknown = tracks.map((track) => ({ ...track, id: randomUUID() }))
      await servePack(
        server,
        { ...pack, pack: pack.pack === null ? null : { ...pack.pack, tracks: unknown } },
        files,
        () => name,
      )
      await fetchContent(pack)
      expect(await rig.libraryNames()).toHaveLength(3)
      expect((await readdir(folder)).sort()).toEqual(['Library', 'accounts'])
    },
  )

  it('with an entry that is not what the server said are never offered as done', async () => {
    const { object, contents } = await servePack(server, pack, files)
    const [first] = contents
    if (first === undefined) throw new Error('the pack is empty')
    server.put(pack, object.bytes, { segmentSize: 64 * 1024, contents: [{ ...first, sha256: '0'.repeat(64) }] })
    const { id } = await rig.delivery.start(undefined, { contentType: 'album', contentId: pack.contentId })
    expect((await rig.reached(id, 'stalled')).reason?.code).toBe('corrupt-source')
    expect(await rig.libraryNames()).toEqual([])
  })

  it('fetch a part of it again only where a track has gone', async () => {
    await servePack(server, pack, files)
    await fetchContent(pack)
    await rm(path.join(rig.library, 'Nia - One [124 8A].mp3'))
    await utimes(path.join(rig.library, 'Nia - Two [124 8A].wav'), 1, 1)
    await fetchContent(pack)
    expect(await rig.libraryNames()).toHaveLength(3)
    expect((await items()).map(({ state }) => state)).toEqual(['here', 'here', 'here'])
  })

  it('already here are not fetched again', async () => {
    await servePack(server, pack, files)
    await fetchContent(pack)
    const bytes = server.seen.fileBytes
    await fetchContent(pack)
    expect(server.seen.fileBytes).toBe(bytes)
  })

  it('DL3: already here cost nothing, also where the history that knew what is in them was cleared', async () => {
    await servePack(server, pack, files)
    await fetchContent(pack)
    await rig.until(async () => server.seen.completes === 1)
    await rig.delivery.clearFinished(undefined, {})
    const bytes = server.seen.fileBytes
    await fetchContent(pack)
    await rig.until(async () => server.seen.cancels === 1)
    expect(server.seen.fileBytes).toBe(bytes)
    expect(server.attempts()).toEqual(['delivered', 'released'])
    expect(await rig.libraryNames()).toHaveLength(3)
  })
})
