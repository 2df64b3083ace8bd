import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, it } from 'vitest'
import yauzl from 'yauzl'
import { catalogue as catalogueCalls } from '../../../contract/catalogue.ts'
import { openFileObjectStore } from '../../../server/adapters/object-store-files.ts'
import { systemRandom } from '../../../server/adapters/system-random.ts'
import { hashObject } from '../../../server/audio/segment-hashes.ts'
import { readServerConfig } from '../../../server/config.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { listTracks } from '../../../server/domains/catalogue/list-tracks.ts'
import { contentFor, packEntriesFor } from '../../../server/domains/catalogue/public.ts'
import { mediaRoutes } from '../../../server/http/media-route.ts'
import { publishDemo } from '../../../server/publishing/publish-demo.ts'
import { fourTrackCatalogue } from '../../../server/seed/four-track-catalogue.ts'
import type { ServerServices } from '../../../server/services.ts'
import { describeEachEngine, type TestDatabase } from '../../_kit/databases.ts'
import { SERVICE } from '../../_kit/people.ts'
import { callAs, handClock } from '../../_kit/shop.ts'

const CACHE = path.resolve('.tmp/demo-cache')
const catalogue = fourTrackCatalogue()

describeEachEngine(
  'publishDemo',
  (open) => {
    const clock = handClock()
    let opened: TestDatabase
    let services: ServerServices
    let folder: string
    let app: FastifyInstance
    const failures: string[] = []

    beforeAll(async () => {
      opened = await open()
      folder = await mkdtemp(path.join(tmpdir(), 'mixmint-publish-'))
      await mkdir(path.join(folder, 'objects'))
      const objects = openFileObjectStore(path.join(folder, 'objects'))
      const log = { info() {}, warn() {}, error: (_: object, message: string) => void failures.push(message) }
      const config = readServerConfig({ MIXMINT_DATA_DIR: folder, MIXMINT_SEED: 'four-tracks' })
      services = { db: opened.db, clock, random: systemRandom, log, config, objects } as unknown as ServerServices
      app = fastify()
      mediaRoutes(app, services)
    })
    afterAll(async () => {
      await app.close()
      await rm(folder, { recursive: true, force: true })
    })

    const run = (options: Partial<Parameters<typeof publishDemo>[1]> = {}) =>
      publishDemo(services, { signal: new AbortController().signal, cacheFolder: CACHE, ...options })
    const tracks = async () =>
      catalogueCalls.listTracks.output.parse(
        await callAs(opened.db, null, clock, (context) => listTracks(context, { sort: 'newest', limit: 100 })),
      ).items
    const content = (contentType: 'track' | 'album' | 'fan', contentId: string) =>
      asCaller(opened.db, SERVICE, (tx) => contentFor(tx, { contentType, contentId }))
    const bytesOf = async ({ key, sizeBytes }: { key: string; sizeBytes: number }) =>
      buffer(await services.objects.read(key, 0, sizeBytes - 1))
    const dump = () =>
      asCaller(opened.db, SERVICE, async (tx) => ({
        tracks: await tx.selectFrom('tracks').selectAll().orderBy('id').execute(),
        packs: await tx.selectFrom('album_packs').selectAll().orderBy('id').execute(),
        objects: await tx.selectFrom('objects').select(['sha256', 'id']).orderBy('sha256').execute(),
        files: await tx.selectFrom('content_files').selectAll().orderBy('id').execute(),
        people: await tx.selectFrom('profiles').select(['id', 'email', 'role']).orderBy('id').execute(),
      }))

    it('shows every track with its texts and prices before any file is made', async () => {
      const stopped = AbortSignal.abort()
      await run({ signal: stopped, cacheFolder: path.join(folder, 'nothing') })
      const seen = await tracks()
      expect(seen.map(({ title }) => title).sort()).toEqual(catalogue.tracks.map(({ title }) => title).sort())
      for (const track of seen) {
        expect(track).toMatchObject({ isReady: false, sizeBytes: null, formats: [] })
        expect(track.readyInSeconds).toBeGreaterThan(0)
      }
      expect(await content('track', catalogue.tracks[0]?.id ?? '')).toMatchObject({
        isInStore: true,
        isReady: false,
        object: null,
      })
    })

    it('R-MM-18: makes each track downloadable, with hashes that are those of its bytes', async () => {
      const progress: number[] = []
      await run({ onProgress: (ready) => void progress.push(ready) })
      expect(progress).toEqual([1, 2, 3, 4, 5])
      for (const { id, format } of [...catalogue.tracks]) {
        const facts = await content('track', id)
        if (facts?.object == null) throw new Error(`${id} has no file`)
        const hashes = await hashObject([await bytesOf(facts.object)])
        expect(facts.object).toMatchObject({
          sha256: hashes.sha256,
          sizeBytes: hashes.sizeBytes,
          segmentRoot: hashes.segmentRoot,
          segmentSha256: hashes.segmentSha256,
        })
        expect(facts.object.fileName.endsWith(`.${format}`)).toBe(true)
        expect(facts.object.audioSha256).toMatch(/^[0-9a-f]{64}$/)
        expect(facts.object.audioSha256).not.toBe(facts.object.sha256)
      }
      for (const track of await tracks()) expect(track).toMatchObject({ isReady: true, readyInSeconds: null })
    })

    it('DL14: offers a track in all its formats, the master first, each with the size of its bytes', async () => {
      const declared = catalogue.tracks.find(({ alsoIn }) => alsoIn !== undefined)
      const shown = (await tracks()).find(({ id }) => id === declared?.id)
      expect(shown?.formats.map(({ format, isMaster }) => [format, isMaster])).toEqual([
        ['flac', true],
        ['mp3', false],
        ['wav', false],
      ])
      for (const { format, sizeBytes } of shown?.formats ?? []) {
        const facts = await asCaller(opened.db, SERVICE, (tx) =>
          contentFor(tx, { contentType: 'track', contentId: shown?.id ?? '' }, format),
        )
        if (facts?.object == null) throw new Error(`There is no ${format}`)
        expect(facts.object).toMatchObject({ format, sizeBytes })
        expect((await bytesOf(facts.object)).length).toBe(sizeBytes)
        expect(facts.object.fileName.endsWith(`.${format}`)).toBe(true)
      }
      expect(new Set(shown?.formats.map(({ sizeBytes }) => sizeBytes)).size).toBe(3)
    })

    it('R-MM-10, R-MM-18: writes a pack as a zip whose contents lie where its list says, in order', async () => {
      const [pack] = catalogue.packs
      const facts = await content('album', pack?.id ?? '')
      if (facts?.object == null) throw new Error('The pack has no file')
      const zip = await bytesOf(facts.object)
      const entries = await asCaller(opened.db, SERVICE, (tx) => packEntriesFor(tx, pack?.id ?? ''))
      expect(entries?.map(({ trackId }) => trackId)).toEqual(pack?.tracks.map(({ id }) => id))
      for (const entry of entries ?? []) {
        const { sha256 } = await hashObject([zip.subarray(entry.offset, entry.offset + entry.sizeBytes)])
        const track = await content('track', entry.trackId)
        expect(sha256).toBe(entry.sha256)
        expect(track?.object).toMatchObject({ sha256, audioSha256: entry.audioSha256 })
      }
      expect(await namesIn(zip)).toEqual(entries?.map(({ fileName }) => fileName))
    })

    it('starting again changes nothing', async () => {
      const before = await dump()
      await run({ cacheFolder: path.join(folder, 'unused') })
      expect(await dump()).toEqual(before)
      await expect(readdir(path.join(folder, 'unused'))).rejects.toMatchObject({ code: 'ENOENT' })
    })

    it('files that the object store lost are stored again', async () => {
      const facts = await content('track', catalogue.tracks[0]?.id ?? '')
      if (facts?.object == null) throw new Error('The track has no file')
      const before = await dump()
      await services.objects.delete(facts.object.key)
      await run()
      expect(await services.objects.head(facts.object.key)).toMatchObject({ sizeBytes: facts.object.sizeBytes })
      expect((await dump()).objects).toEqual(before.objects)
    })

    it('two processes that start at once publish the same, once', async () => {
      const before = await dump()
      for (const { key } of await asCaller(opened.db, SERVICE, (tx) =>
        tx.selectFrom('objects').select('key').execute(),
      ))
        await services.objects.delete(key)
      await Promise.all([run(), run()])
      expect(failures).toEqual([])
      expect(await dump()).toMatchObject({ objects: before.objects, people: before.people })
      expect((await tracks()).filter(({ isReady }) => isReady)).toHaveLength(4)
    })

    it('serves what is public by kind and hash, cacheable for ever, and by range', async () => {
      const [track] = await tracks()
      const preview = await app.inject({ url: `/media/${track?.preview}` })
      expect(preview.statusCode).toBe(200)
      expect(preview.headers).toMatchObject({
        'content-type': 'audio/mpeg',
        'cache-control': 'public, max-age=31536000, immutable',
        etag: `"sha256-${track?.preview?.split('/')[1]}"`,
        'x-content-type-options': 'nosniff',
      })
      const part = await app.inject({ url: `/media/${track?.preview}`, headers: { range: 'bytes=100-199' } })
      expect(part.statusCode).toBe(206)
      expect(part.headers['content-range']).toBe(`bytes 100-199/${preview.rawPayload.length}`)
      expect(part.rawPayload).toEqual(preview.rawPayload.subarray(100, 200))
      expect(
        (
          await app.inject({
            url: `/media/${track?.cover}`,
            headers: { 'if-none-match': `"sha256-${track?.cover?.split('/')[1]}"` },
          })
        ).statusCode,
      ).toBe(304)
      expect((await app.inject({ url: `/media/${track?.peaks}` })).rawPayload).toHaveLength(3600)
      const head = await app.inject({ method: 'HEAD', url: `/media/${track?.cover}` })
      expect(Number(head.headers['content-length'])).toBeGreaterThan(1000)
      expect(head.rawPayload).toHaveLength(0)
      expect((await app.inject({ url: `/media/${track?.dj.portrait}` })).headers['content-type']).toBe('image/png')
      expect(
        (await app.inject({ url: `/media/${track?.preview}`, headers: { range: 'bytes=99999999-' } })).statusCode,
      ).not.toBe(206)
    })

    it('R-MM-49: the media route serves no master, no pack, and nothing under a wrong kind', async () => {
      const [track] = await tracks()
      const [firstTrack] = catalogue.tracks
      const [pack] = catalogue.packs
      const master = (await content('track', firstTrack?.id ?? ''))?.object?.sha256
      const zip = (await content('album', pack?.id ?? ''))?.object?.sha256
      const cover = track?.cover?.split('/')[1]
      for (const url of [
        ...['cover', 'portrait', 'preview', 'peaks'].flatMap((kind) => [
          `/media/${kind}/${master}`,
          `/media/${kind}/${zip}`,
        ]),
        `/media/preview/${cover}`,
        `/media/master/${master}`,
        `/media/constructor/${cover}`,
        `/media/cover/${'0'.repeat(64)}`,
        '/media/cover/..%2f..%2fetc%2fpasswd',
      ]) {
        const reply = await app.inject({ url })
        expect([url, reply.statusCode >= 400, reply.rawPayload.length < 1000]).toEqual([url, true, true])
        expect(reply.headers['cache-control'] ?? '').not.toMatch(/immutable/)
      }
    })
  },
  ['PGlite', 'PostgreSQL'],
)

function namesIn(zip: Buffer): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const names: string[] = []
    yauzl.fromBuffer(zip, { lazyEntries: true }, (error, file) => {
      if (error) return reject(error)
      file.on('entry', (entry: { fileName: string }) => {
        names.push(entry.fileName)
        file.readEntry()
      })
      file.on('end', () => resolve(names))
      file.on('error', reject)
      file.readEntry()
    })
  })
}
