import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { TrackSummary } from '../../contract/catalogue.ts'
import type { Owned } from '../../contract/entitlements.ts'
import type { LibraryItem } from '../../contract/library.ts'
import type { AudioFormat } from '../../contract/values.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { createHoldingDisk, type HoldingDisk } from '../_kit/holding-disk.ts'
import { aTrack, ownedTrack, owning, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

let folder: string
let server: FaultServer
let owned: Owned[]
let held: HoldingDisk
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  owned = []
  held = createHoldingDisk()
  onTestFinished(held.letGo)
  rig = await openRig()
})

function openRig(): Promise<TransferRig> {
  const serverCall = owning(() => owned)
  return openTransferRig({ folder, address: server.address, serverCall, disk: held.disk })
}

/** A track whose WAV is here, and that the store has as FLAC too. */
async function aTrackHere() {
  const [wav, flac] = [await someAudio('wav'), await someAudio('flac')]
  const formats = [
    { format: 'wav' as const, sizeBytes: wav.length, isMaster: true },
    { format: 'flac' as const, sizeBytes: flac.length, isMaster: false },
  ]
  const track = aTrack({ format: 'wav', formats })
  await serveTrack(server, track, wav)
  await serveTrack(server, track, flac, 'flac')
  owned.push(ownedTrack(track))
  await rig.libraryCalls.refresh(undefined, {})
  await fetchAs(track, 'wav')
  return { track, wav, flac, place: path.join(rig.library, 'Nia - Tide [124 8A].wav') }
}

async function fetchAs({ id: contentId }: TrackSummary, format: AudioFormat): Promise<void> {
  const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId, format })
  await rig.reached(id, 'done')
}

async function onlyItem(): Promise<LibraryItem | undefined> {
  const { items } = await rig.libraryCalls.list(undefined, { sort: 'added' })
  expect(items).toHaveLength(1)
  return items[0]
}

function isWav(place: string): boolean {
  return place.endsWith('.wav')
}

describe('R-DC-23: what was read of a file says nothing about the one that came meanwhile', () => {
  it('a file that was repaired while it was read again is not called damaged', async () => {
    const { wav, place } = await aTrackHere()
    await writeFile(place, Buffer.alloc(wav.length, 7))
    held.holdNext('close', isWav)
    const verifying = rig.libraryCalls.verify(undefined, {})
    await rig.until(held.isHeld)
    const { downloadIds } = await rig.libraryCalls.repair(undefined, {})
    await rig.reached(downloadIds[0] ?? '', 'done')
    held.letGo()
    expect(await verifying).toMatchObject({ damaged: 1 })
    expect(await onlyItem()).toMatchObject({ state: 'here' })
    expect((await readFile(place)).equals(wav)).toBe(true)
  })

  it('a file that was changed while it was read is read again', async () => {
    const { wav, place } = await aTrackHere()
    held.holdNext('close', isWav)
    const verifying = rig.libraryCalls.verify(undefined, {})
    await rig.until(held.isHeld)
    await writeFile(place, Buffer.alloc(wav.length, 7))
    held.letGo()
    await verifying
    await rig.until(async () => (await onlyItem())?.state === 'damaged')
  })

  it('a track that came in another format while its former file was found again is the new file', async () => {
    const { track, flac, place } = await aTrackHere()
    await rig.close()
    for (const name of await readdir(path.dirname(rig.staging)))
      if (name.startsWith('local.sqlite')) await rm(path.join(path.dirname(rig.staging), name))
    // It is read, because it is not as it was left.
    await utimes(place, 1, 1)
    held.holdNext('close', isWav)
    rig = await openRig()
    await rig.until(held.isHeld)
    await fetchAs(track, 'flac')
    held.letGo()
    await rig.libraryCalls.refresh(undefined, {})
    const item = await onlyItem()
    expect(item).toMatchObject({ state: 'here', fileName: 'Nia - Tide [124 8A].flac' })
    expect((await readFile(path.join(rig.library, item?.fileName ?? ''))).equals(flac)).toBe(true)
  })

  it.each([
    ['has come', false],
    ['is on its way', true],
  ])('a repair does not take back another format that %s while it read the former file', async (_, isOnItsWay) => {
    const { track, flac } = await aTrackHere()
    await fetchAs(track, 'flac')
    await writeFile(path.join(rig.library, 'Nia - Tide [124 8A].flac'), Buffer.alloc(flac.length, 7))
    held.holdNext('close', (place) => place.endsWith('.flac'))
    const repairing = rig.libraryCalls.repair(undefined, {})
    await rig.until(held.isHeld)
    const answers: (() => void)[] = []
    if (isOnItsWay) server.rules.file = ({ honest }) => void answers.push(honest)
    const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: track.id, format: 'wav' })
    if (isOnItsWay) await rig.until(async () => answers.length > 0)
    else await rig.reached(id, 'done')
    held.letGo()
    const { queued } = await repairing
    expect(queued).toBe(isOnItsWay ? 1 : 0)
    server.rules.file = ({ honest }) => honest()
    for (const answer of answers) answer()
    await rig.reached(id, 'done')
    expect(await onlyItem()).toMatchObject({ state: 'here', fileName: 'Nia - Tide [124 8A].wav' })
  })

  it('a file that is removed while its track comes in another format takes nothing else along', async () => {
    const { track } = await aTrackHere()
    held.holdNext('unlink', isWav)
    const removing = rig.libraryCalls.removeLocal(undefined, { trackId: track.id })
    await rig.until(held.isHeld)
    await fetchAs(track, 'flac')
    held.letGo()
    await removing
    expect(await onlyItem()).toMatchObject({ state: 'here', fileName: 'Nia - Tide [124 8A].flac' })
    expect(await rig.libraryNames()).toEqual(['Nia - Tide [124 8A].flac'])
  })
})
