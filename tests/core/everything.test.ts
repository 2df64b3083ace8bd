import { rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Everything } from '../../contract/delivery.ts'
import type { Owned } from '../../contract/entitlements.ts'
import { AppError } from '../../contract/errors.ts'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { aTrack, ownedPack, ownedTrack, owning, servePack, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

let folder: string
let server: FaultServer
let owned: Owned[]
let isAway: boolean
let rig: TransferRig
let sound: Buffer

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  owned = []
  isAway = false
  sound = await someAudio('mp3')
  rig = await openRig()
})

function openRig(disk: Disk = realDisk): Promise<TransferRig> {
  const serverCall: ReturnType<typeof owning> = async (definition, input) => {
    if (isAway) throw new AppError('offline')
    return await owning(() => owned)(definition, input)
  }
  return openTransferRig({ folder, address: server.address, serverCall, disk, speed: 20 })
}

/** Owned tracks that the server has; the number makes each another file. */
async function own(count: number, first = 0): Promise<void> {
  for (let number = first; number < first + count; number++) {
    const track = aTrack({ title: `Track ${number}`, sizeBytes: sound.length })
    await serveTrack(server, track, Buffer.concat([sound, Buffer.from(`${number}`)]))
    owned.push(ownedTrack(track))
  }
}

async function everything(): Promise<Everything> {
  const { everything: one } = await rig.delivery.everything(undefined, {})
  if (one === null) throw new Error('there is no batch')
  return one
}

async function finished(): Promise<Everything> {
  await rig.until(async () => (await everything()).finishedAt !== null)
  return await everything()
}

describe('download everything I own', () => {
  it('plans by what the server says now, fetches what is not here, and ends with one report', async () => {
    await own(5)
    const pack = ownedPack('Pack', [aTrack({ title: 'In one' }), aTrack({ title: 'In two' })])
    await servePack(server, pack, [await someAudio('mp3', 1.3), await someAudio('mp3', 1.4)])
    owned.push(pack)
    expect(await rig.delivery.planEverything(undefined, {})).toMatchObject({
      downloads: 6,
      areHere: 0,
      missingBytes: 0,
    })
    const begun = await rig.delivery.downloadEverything(undefined, {})
    expect(begun).toMatchObject({ total: 7, done: 0, wereHere: 0, failed: [], finishedAt: null })
    expect(await finished()).toMatchObject({ total: 7, done: 7, wereHere: 0, failed: [] })
    expect(await rig.libraryNames()).toHaveLength(7)
    expect([rig.notified, rig.noticed]).toEqual([
      ['Everything is here: 7 tracks downloaded and verified.'],
      ['everything-finished'],
    ])
    expect(await rig.delivery.planEverything(undefined, {})).toMatchObject({ downloads: 0, bytes: 0, areHere: 7 })
  })

  it('a second time nothing is fetched; what was lost meanwhile alone', async () => {
    await own(3)
    await rig.delivery.downloadEverything(undefined, {})
    await finished()
    const asked = server.seen.inits
    expect(await rig.delivery.downloadEverything(undefined, {})).toMatchObject({ total: 0, wereHere: 3 })
    expect((await finished()).finishedAt).not.toBeNull()
    expect(server.seen.inits).toBe(asked)
    const [name = ''] = await rig.libraryNames()
    await rm(path.join(rig.library, name))
    await rig.delivery.downloadEverything(undefined, {})
    expect(await finished()).toMatchObject({ total: 1, done: 1, wereHere: 2 })
    expect(await rig.libraryNames()).toHaveLength(3)
  })

  it('two who ask at once get one batch, and no track comes twice', async () => {
    await own(4)
    await Promise.all(Array.from({ length: 5 }, () => rig.delivery.downloadEverything(undefined, {})))
    expect(await finished()).toMatchObject({ total: 4, done: 4 })
    expect(server.attempts()).toHaveLength(4)
    expect(rig.notified).toHaveLength(1)
  })

  it('what is bought while it runs joins it when asked again', async () => {
    await own(2)
    await rig.delivery.pauseAll(undefined, {})
    await rig.delivery.downloadEverything(undefined, {})
    await own(2, 2)
    expect(await rig.delivery.downloadEverything(undefined, {})).toMatchObject({ total: 4 })
    await rig.delivery.resumeAll(undefined, {})
    expect(await finished()).toMatchObject({ total: 4, done: 4 })
    expect(rig.notified).toHaveLength(1)
  })

  it('goes on after a restart, wherever it was cut, and reports once', async () => {
    await own(8)
    server.rules.file = ({ number, honest }) => (number <= 3 ? honest() : undefined)
    await rig.delivery.downloadEverything(undefined, {})
    await rig.until(async () => (await everything()).done >= 1)
    await rig.close()
    server.cutAll()
    server.rules.file = ({ honest }) => honest()
    rig = await openRig()
    expect(await finished()).toMatchObject({ total: 8, done: 8, failed: [] })
    expect(await rig.libraryNames()).toHaveLength(8)
    expect(server.attempts()).toHaveLength(8)
    expect(rig.notified).toHaveLength(1)
    await rig.close()
    rig = await openRig()
    expect(rig.notified).toEqual([])
    expect(await everything()).toMatchObject({ done: 8 })
  })

  it('ends quietly with the account, in the middle of queueing, and goes on with it', async () => {
    await own(3)
    owned.push(...Array.from({ length: 400 }, (_, number) => ownedTrack(aTrack({ title: `Gone ${number}` }))))
    await rig.delivery.pauseAll(undefined, {})
    await rig.delivery.downloadEverything(undefined, {})
    await rig.signOut()
    const queued = () => Number(rig.db.prepare('select count(*) as n from downloads').get()?.['n'])
    expect(queued()).toBeLessThan(403)
    expect(rig.errors).toEqual([])
    await rig.close()
    rig = await openRig()
    await rig.until(async () => queued() === 403)
    rig.settings.parallelDownloads = 6
    await rig.delivery.resumeAll(undefined, {})
    expect(await finished()).toMatchObject({ total: 403, done: 3 })
    expect((await everything()).failed).toHaveLength(400)
    expect(rig.notified).toHaveLength(1)
  })

  it('a batch that was saved and never queued is queued at the next start', async () => {
    await own(3)
    await rig.delivery.pauseAll(undefined, {})
    await rig.delivery.downloadEverything(undefined, {})
    await rig.until(async () => (await rig.list()).downloads.length === 3)
    rig.db.exec('update everything_members set is_queued = 0')
    rig.db.exec('delete from downloads')
    await rig.close()
    rig = await openRig()
    await rig.delivery.resumeAll(undefined, {})
    expect(await finished()).toMatchObject({ total: 3, done: 3 })
  })

  it('what fails is in the report with its reason, and the rest arrives', async () => {
    await own(3)
    owned.push(ownedTrack(aTrack({ title: 'Gone' })))
    await rig.delivery.downloadEverything(undefined, {})
    const report = await finished()
    expect(report).toMatchObject({ total: 4, done: 3, failed: [{ title: 'Gone', code: 'not-found' }] })
    expect(rig.notified).toEqual([expect.stringContaining('1 track could not be downloaded')])
  })

  it('one that the store can not bring keeps no report waiting; the queue goes on trying, and it arrives', async () => {
    await own(2)
    let isStored = false
    let inits = 0
    server.rules.call = (call, reply) => {
      if (call !== 'init' || isStored || (inits++ === 0 && server.seen.files === 0)) return false
      reply('503 Away', 'application/problem+json', '{"code":"storage-unavailable"}', 'Retry-After: 1\r\n')
      return true
    }
    rig.settings.parallelDownloads = 1
    await rig.delivery.downloadEverything(undefined, {})
    const report = await finished()
    expect(report).toMatchObject({ total: 2, failed: [{ code: 'storage-unavailable' }] })
    expect(rig.notified).toHaveLength(1)
    isStored = true
    await rig.until(async () => (await rig.list()).downloads.every(({ status }) => status === 'done'))
    expect(rig.notified).toHaveLength(1)
  })

  it('one that was cancelled counts as failed; clearing the queue changes no report', async () => {
    await own(2)
    await rig.delivery.pauseAll(undefined, {})
    await rig.delivery.downloadEverything(undefined, {})
    await rig.until(async () => (await rig.list()).downloads.length === 2)
    const [first] = (await rig.list()).downloads
    await rig.delivery.cancelDownload(undefined, { downloadId: first?.id ?? '' })
    await rig.delivery.clearFinished(undefined, {})
    await rig.delivery.resumeAll(undefined, {})
    expect(await finished()).toMatchObject({ total: 2, done: 1, failed: [{ code: 'cancelled' }] })
    await rig.delivery.clearFinished(undefined, {})
    expect(await everything()).toMatchObject({ total: 2, done: 1, failed: [{ code: 'cancelled' }] })
  })

  it('one that was paused before goes on with it', async () => {
    await own(1)
    await rig.delivery.pauseAll(undefined, {})
    const [item] = owned
    const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: item?.contentId ?? '' })
    await rig.delivery.pause(undefined, { downloadId: id })
    await rig.delivery.resumeAll(undefined, {})
    await rig.delivery.downloadEverything(undefined, {})
    expect(await finished()).toMatchObject({ total: 1, done: 1 })
  })

  it('says that it does not fit before anything is queued', async () => {
    await own(3)
    await rig.close()
    const full: Disk = {
      ...realDisk,
      statfs: (async (place: string) => ({ ...(await statfs(place)), bavail: 1, bsize: 4096 })) as Disk['statfs'],
    }
    rig = await openRig(full)
    const { missingBytes, freeBytes } = await rig.delivery.planEverything(undefined, {})
    expect(freeBytes).toBe(4096)
    expect(missingBytes).toBeGreaterThan(3 * sound.length)
    await expect(rig.delivery.downloadEverything(undefined, {})).rejects.toMatchObject({
      code: 'disk-full',
      detail: { missingBytes },
    })
    expect((await rig.list()).downloads).toEqual([])
    expect(await rig.delivery.everything(undefined, {})).toEqual({ everything: null })
  })

  it('without the server it is not guessed what is owned', async () => {
    await own(1)
    await rig.libraryCalls.refresh(undefined, {})
    isAway = true
    await expect(rig.delivery.downloadEverything(undefined, {})).rejects.toMatchObject({ code: 'offline' })
    await expect(rig.delivery.planEverything(undefined, {})).rejects.toMatchObject({ code: 'offline' })
    expect((await rig.list()).downloads).toEqual([])
  })

  it('asked to wait by the server it waits, instead of asking for every file', async () => {
    await own(30)
    let refused = 0
    const until = rig.needs.clock.monotonic() + 30_000
    server.rules.call = (call, reply) => {
      if (call !== 'init' || rig.needs.clock.monotonic() > until) return false
      refused += 1
      reply('429 Wait', 'application/problem+json', '{"code":"rate-limited"}', 'Retry-After: 20\r\n')
      return true
    }
    await rig.delivery.downloadEverything(undefined, {})
    expect(await finished()).toMatchObject({ total: 30, done: 30, failed: [] })
    // Three at once, twice; without waiting it were thirty, twice.
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThanOrEqual(12)
  })
})
