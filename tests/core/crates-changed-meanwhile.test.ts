import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { TrackSummary } from '../../contract/catalogue.ts'
import type { Crate, CrateRecord } from '../../contract/crates.ts'
import type { Owned } from '../../contract/entitlements.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { createHoldingDisk, type HoldingDisk } from '../_kit/holding-disk.ts'
import { keepingCrates } from '../_kit/keeping-crates.ts'
import { aTrack, ownedTrack, owning, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

let folder: string
let server: FaultServer
let owned: Owned[]
/** The crates as the server has them. */
let records: Map<string, CrateRecord>
/** Called before the server saves a crate. */
let beforeSave: () => Promise<void>
let held: HoldingDisk
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  owned = []
  records = new Map()
  beforeSave = async () => {}
  held = createHoldingDisk()
  onTestFinished(held.letGo)
  const serverCall = keepingCrates(
    owning(() => owned),
    { records: () => records, beforeSave: () => beforeSave() },
  )
  rig = await openTransferRig({ folder, address: server.address, serverCall, disk: held.disk })
})

async function aFolder(name: string): Promise<string> {
  const place = path.join(folder, name)
  await mkdir(place)
  return place
}

function choose(crateId: string, place: string): Promise<Crate> {
  return rig.crates.setFolder(undefined, { crateId, folderId: rig.needs.folderIds.remember(place).id })
}

async function put(crateId: string, { id: contentId }: TrackSummary): Promise<void> {
  await rig.crates.setItems(undefined, { crateId, items: [{ contentType: 'track', contentId }] })
}

async function crates(): Promise<readonly Crate[]> {
  return (await rig.crates.list(undefined, {})).crates
}

async function isTold(): Promise<boolean> {
  return (await crates()).every(({ hasPendingEdits }) => !hasPendingEdits)
}

/** A crate with a track that is here, known to the server. */
async function aCrate(): Promise<string> {
  const track = aTrack({ title: 'Tide' })
  await serveTrack(server, track, await someAudio('mp3'))
  owned.push(ownedTrack(track))
  await rig.libraryCalls.refresh(undefined, {})
  const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: track.id })
  await rig.reached(id, 'done')
  const { id: crateId } = await rig.crates.create(undefined, { name: 'Set' })
  await put(crateId, track)
  await rig.until(isTold)
  return crateId
}

describe('R-DC-20: what is asked of a crate while it is written to its folder', () => {
  async function whileSynced(crateId: string, place: string, work: () => Promise<unknown>): Promise<void> {
    await choose(crateId, place)
    held.holdNext('link', (name) => name.startsWith(place))
    const syncing = rig.crates.sync(undefined, { crateId })
    await rig.until(held.isHeld)
    await work()
    held.letGo()
    await syncing
  }

  it('another folder is kept as its folder', async () => {
    const crateId = await aCrate()
    const [first, second] = [await aFolder('First'), await aFolder('Second')]
    await whileSynced(crateId, first, () => choose(crateId, second))
    expect(await crates()).toMatchObject([{ folder: { path: second }, lastSyncedAt: null }])
    await rig.crates.sync(undefined, { crateId })
    expect(await readdir(second)).toContain('Nia - Tide [124 8A].mp3')
  })

  it('one that is deleted leaves its folder to others', async () => {
    const crateId = await aCrate()
    const place = await aFolder('USB')
    await whileSynced(crateId, place, () => rig.crates.remove(undefined, { crateId }))
    await rig.until(async () => records.size === 0)
    const { id: other } = await rig.crates.create(undefined, { name: 'Other' })
    expect(await choose(other, place)).toMatchObject({ folder: { path: place } })
  })
})

describe('R-DC-20: a crate that is deleted while its folder is looked at', () => {
  it('gets none, and the folder is free for others', async () => {
    const crateId = await aCrate()
    const place = await aFolder('USB')
    held.holdNext('stat', (name) => name === place)
    const choosing = choose(crateId, place)
    await rig.until(held.isHeld)
    await rig.crates.remove(undefined, { crateId })
    held.letGo()
    await expect(choosing).rejects.toMatchObject({ code: 'not-found' })
    await rig.until(async () => records.size === 0)
    const { id: other } = await rig.crates.create(undefined, { name: 'Other' })
    expect(await choose(other, place)).toMatchObject({ folder: { path: place } })
  })
})

describe('R-DC-20: what is asked of a crate while the server is told of it', () => {
  /** Makes the next save wait until `work` has been done with the crate of that name. */
  async function duringNextSave(name: string, work: (crateId: string) => Promise<unknown>): Promise<void> {
    // The very first look at the crates asks the server too.
    await crates()
    beforeSave = async () => {
      beforeSave = async () => {}
      await work((await crates()).find((crate) => crate.name === name)?.id ?? '')
    }
  }

  /** What was asked first is told of a crate that is gone by then. */
  function isGone(error: unknown): void {
    expect(error).toMatchObject({ code: 'not-found' })
  }

  function another(name: string): CrateRecord {
    const id = crypto.randomUUID()
    return { id, name, sortOrder: 0, revision: 1, items: [], updatedAt: new Date().toISOString() }
  }

  it('what is put into it stays, also when its name turns out to be taken', async () => {
    const track = aTrack({ title: 'Late' })
    const taken = another('Set')
    await duringNextSave('Set', async (crateId) => {
      records.set(taken.id, taken)
      await put(crateId, track)
    })
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Set' })
    await rig.until(async () => records.get(crateId)?.items[0]?.contentId === track.id)
    expect(records.get(crateId)?.name).toBe('Set (this computer)')
    await rig.until(isTold)
  })

  it('one that is deleted meanwhile is deleted, also when its name turns out to be taken', async () => {
    const taken = another('Set')
    await duringNextSave('Set', async (crateId) => {
      records.set(taken.id, taken)
      await rig.crates.remove(undefined, { crateId })
    })
    await rig.crates.create(undefined, { name: 'Set' }).catch(isGone)
    await rig.until(async () => (await crates()).some(({ id }) => id === taken.id))
    expect((await crates()).map(({ id }) => id)).toEqual([taken.id])
    expect([...records.keys()]).toEqual([taken.id])
  })

  it('one that is deleted while it turns out to be changed elsewhere is deleted, and leaves no copy', async () => {
    const crateId = await aCrate()
    await duringNextSave('Set', async () => {
      records.set(crateId, { ...(records.get(crateId) as CrateRecord), items: [], revision: 9 })
      await rig.crates.remove(undefined, { crateId })
    })
    await put(crateId, aTrack({ title: 'Late' })).catch(isGone)
    await rig.until(async () => records.size === 0)
    expect(await crates()).toEqual([])
  })
})
