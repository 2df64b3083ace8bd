import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Disk, realDisk } from '../library/disk.ts'
import { type CrateTrack, syncCrate } from './sync-crate.ts'

const random = { bytes: (length: number) => randomBytes(length), uuid: () => randomUUID() }

let root: string
let library: string
let folder: string

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mixmint-sync-'))
  library = path.join(root, 'Library')
  folder = path.join(root, 'Crate')
  await mkdir(library)
  await mkdir(folder)
})
afterEach(() => rm(root, { recursive: true }))

const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

async function track(number: number): Promise<CrateTrack> {
  const name = `Track ${number}.mp3`
  const place = path.join(library, name)
  const bytes = randomBytes(500)
  await writeFile(place, bytes)
  const { dev, ino } = await stat(place)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return {
    ...{ trackId: idOf(number), name, artist: 'Nia', title: `Track ${number}`, durationSeconds: 60 },
    ...{
      downloadBytes: 500,
      source: { place, sha256, audioSha256: null, identity: `${dev}/${ino}`, isAsDelivered: true },
    },
  }
}

async function tracksUpTo(count: number): Promise<CrateTrack[]> {
  return await Promise.all(Array.from({ length: count }, (_, number) => track(number)))
}

async function sync(tracks: readonly CrateTrack[], disk: Disk = realDisk, all = tracks) {
  const libraryHas = new Set(all.map(({ trackId }) => trackId))
  const job = { crateId: idOf(999), name: 'Friday', folder, tracks, libraryHas, twins: new Map() }
  return await syncCrate({ disk, random }, job, false)
}

/** A disk on which the crate's folder lies on another volume: files come there as copies. */
const OTHER_VOLUME: Disk = {
  ...realDisk,
  async link(from, to) {
    if (path.dirname(String(from)) !== folder)
      throw Object.assign(new Error('cross-device link not permitted'), { code: 'EXDEV' })
    await realDisk.link(from, to)
  },
}

const here = async () => (await readdir(folder)).filter((name) => name.endsWith('.mp3')).sort()

describe('R-DC-20: a crate folder', () => {
  it('keeps a file that somebody changes while a sync has it in hand to be removed', async () => {
    const all = await tracksUpTo(3)
    await sync(all, OTHER_VOLUME)
    const [first] = all
    const gone = path.join(folder, first?.name ?? '')
    let isChanged = false
    const editing: Disk = {
      ...OTHER_VOLUME,
      async open(place, flags, mode) {
        const file = await OTHER_VOLUME.open(place, flags, mode)
        if (String(place) !== gone || isChanged) return file
        isChanged = true
        // After its bytes were compared, before it goes.
        const close = file.close.bind(file)
        return Object.assign(file, {
          async close() {
            await close()
            await appendFile(gone, 'cue points of an evening')
          },
        })
      },
    }
    const report = await sync(all.slice(1), editing, all)
    expect(isChanged).toBe(true)
    expect(await here()).toContain(first?.name)
    expect(report.removed).toBe(0)
    expect(await sync(all.slice(1), OTHER_VOLUME, all)).toMatchObject({ removed: 0, writes: 0 })
    expect(await here()).toContain(first?.name)
  })

  it('tells a disk that fails where a file is to go, and takes it out the next time', async () => {
    const all = await tracksUpTo(3)
    await sync(all)
    const gone = path.join(folder, all[0]?.name ?? '')
    let looks = 0
    const failing: Disk = {
      ...realDisk,
      lstat: (async (place: string) => {
        // The first look is that of the plan.
        if (place === gone && ++looks > 1) throw Object.assign(new Error('input/output error'), { code: 'EIO' })
        return await realDisk.lstat(place)
      }) as Disk['lstat'],
    }
    await expect(sync(all.slice(1), failing, all)).rejects.toMatchObject({ code: 'disk-error' })
    expect(await sync(all.slice(1), realDisk, all)).toMatchObject({ removed: 1 })
    expect(await here()).toHaveLength(2)
  })

  it('is content with a file that somebody took out before it', async () => {
    const all = await tracksUpTo(3)
    await sync(all, OTHER_VOLUME)
    const gone = path.join(folder, all[0]?.name ?? '')
    let looks = 0
    const racing: Disk = {
      ...OTHER_VOLUME,
      lstat: (async (place: string) => {
        if (place === gone && ++looks > 1) await rm(gone)
        return await realDisk.lstat(place)
      }) as Disk['lstat'],
    }
    expect(await sync(all.slice(1), racing, all)).toMatchObject({ unchanged: 2 })
    expect(await here()).toHaveLength(2)
  })

  it('reads each file once, however many were renamed at once on a drive of copies', async () => {
    const all = await tracksUpTo(30)
    await sync(all, OTHER_VOLUME)
    for (const name of await here()) {
      await rename(path.join(folder, name), path.join(folder, `DJ ${name}`))
      await utimes(path.join(folder, `DJ ${name}`), 1, 1)
    }
    const reads = new Map<string, number>()
    const counting: Disk = {
      ...OTHER_VOLUME,
      async open(place, flags, mode) {
        const name = path.basename(String(place))
        if (name.startsWith('DJ ')) reads.set(name, (reads.get(name) ?? 0) + 1)
        return await OTHER_VOLUME.open(place, flags, mode)
      },
    }
    expect(await sync(all, counting)).toMatchObject({ added: 0, removed: 0, unchanged: 30 })
    expect(reads.size).toBe(30)
    expect(Math.max(...reads.values())).toBe(1)
  })

  it('looks at the folder few times for many files that come', async () => {
    let looks = 0
    const counting: Disk = {
      ...realDisk,
      readdir: ((...given: Parameters<Disk['readdir']>) => {
        looks += 1
        return realDisk.readdir(...given)
      }) as Disk['readdir'],
    }
    const all = await tracksUpTo(200)
    expect(await sync(all, counting)).toMatchObject({ added: 200 })
    expect(looks).toBeLessThan(15)
    expect(await here()).toHaveLength(200)
    expect(await sync(all)).toMatchObject({ writes: 0, unchanged: 200 })
    looks = 0
    const renamed = all.map((one) => ({ ...one, name: `Nia - ${one.name}` }))
    expect(await sync(renamed, counting)).toMatchObject({ renamed: 200 })
    expect(looks).toBeLessThan(15)
    expect(await here()).toEqual(renamed.map(({ name }) => name).sort())
    expect(await sync(renamed)).toMatchObject({ writes: 0, unchanged: 200 })
  })

  it('gives a file the name that another gives up', async () => {
    const all = await tracksUpTo(50)
    await sync(all)
    const moved = all.map((one, number) => ({ ...one, name: `Track ${number - 1}.mp3` }))
    expect(await sync(moved)).toMatchObject({ renamed: 50 })
    expect(await here()).toEqual(moved.map(({ name }) => name).sort())
    for (const { name, source } of moved)
      expect((await stat(path.join(folder, name))).ino).toBe((await stat(source?.place ?? '')).ino)
  })

  it('loses no file when renaming fails on the way', async () => {
    const all = await tracksUpTo(50)
    await sync(all)
    let links = 0
    const failing: Disk = {
      ...realDisk,
      async link(from, to) {
        links += 1
        if (links === 20) throw Object.assign(new Error('input/output error'), { code: 'EIO' })
        await realDisk.link(from, to)
      },
    }
    const renamed = all.map((one) => ({ ...one, name: `Nia - ${one.name}` }))
    await expect(sync(renamed, failing)).rejects.toMatchObject({ code: 'disk-error' })
    expect(await here()).toHaveLength(50)
    expect(await sync(renamed)).toMatchObject({ added: 0, removed: 0 })
    expect(await here()).toEqual(renamed.map(({ name }) => name).sort())
  })

  it('has those that came before one that could not, none of their temporary names, and the rest the next time', async () => {
    const all = await tracksUpTo(40)
    const bad = all[35]?.source?.place
    const failing = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const full: Disk = {
      ...realDisk,
      async link(from, to) {
        if (from === bad) throw failing()
        await realDisk.link(from, to)
      },
      async open(place, flags, mode) {
        if (place === bad) throw failing()
        return await realDisk.open(place, flags, mode)
      },
    }
    await expect(sync(all, full)).rejects.toMatchObject({ code: 'disk-full' })
    expect(await here()).toHaveLength(35)
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
    expect(await sync(all)).toMatchObject({ added: 5, unchanged: 35 })
    expect(await here()).toHaveLength(40)
  })
})
