import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { TrackSummary } from '../../contract/catalogue.ts'
import { isPart } from '../_kit/failing-disk.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { createHoldingDisk, type HoldingDisk } from '../_kit/holding-disk.ts'
import { aTrack, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

let folder: string
let server: FaultServer
let rig: TransferRig

let held: HoldingDisk

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  held = createHoldingDisk()
  onTestFinished(held.letGo)
  rig = await openTransferRig({ folder, address: server.address, disk: held.disk })
})

async function ask(track: TrackSummary, format?: 'flac'): Promise<string> {
  const content = { contentType: 'track' as const, contentId: track.id }
  return (await rig.delivery.start(undefined, { ...content, ...(format !== undefined && { format }) })).id
}

/** A track that is paused with a part of it here, and its two files. */
async function pausedOnTheWay() {
  const [wav, flac] = [await someAudio('wav'), await someAudio('flac')]
  const track = aTrack({ format: 'wav' })
  await serveTrack(server, track, wav)
  await serveTrack(server, track, flac, 'flac')
  const whole = server.rules.file
  server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 1000))
  const downloadId = await ask(track)
  await rig.until(async () => server.seen.files > 0)
  await rig.delivery.pause(undefined, { downloadId })
  server.rules.file = whole
  return { track, downloadId, wav, flac }
}

async function onlyFile(): Promise<Buffer> {
  const names = await rig.libraryNames()
  expect(names).toHaveLength(1)
  return await readFile(path.join(rig.library, names[0] ?? ''))
}

describe('R-DC-11: what is asked of a download while its run looks at a staging folder that is lost', () => {
  async function lookedAt() {
    const download = await pausedOnTheWay()
    held.holdNext('stat', (place) => place === rig.staging)
    await rig.delivery.resume(undefined, { downloadId: download.downloadId })
    await rig.until(held.isHeld)
    await rm(rig.staging, { recursive: true })
    return download
  }

  it('another format is what comes', async () => {
    const { track, downloadId, flac } = await lookedAt()
    await ask(track, 'flac')
    held.letGo()
    await rig.reached(downloadId, 'done')
    expect((await onlyFile()).equals(flac)).toBe(true)
  })

  it('to give it up is heard', async () => {
    const { downloadId } = await lookedAt()
    await rig.delivery.cancelDownload(undefined, { downloadId })
    held.letGo()
    await rig.reached(downloadId, 'cancelled')
    await rig.until(async () => server.seen.cancels === 1)
    expect(await rig.libraryNames()).toEqual([])
  })

  it('its limit stays', async () => {
    const { downloadId } = await lookedAt()
    await rig.delivery.limitDownload(undefined, { downloadId, bytesPerSecond: 5_000_000 })
    held.letGo()
    expect(await rig.reached(downloadId, 'done')).toMatchObject({ bytesPerSecondLimit: 5_000_000 })
  })
})

describe('R-DC-11: what was given up and is wanted again while its files are removed', () => {
  it('begins when they are gone, so that none of its own is taken for one of them', async () => {
    const { track, downloadId, wav } = await pausedOnTheWay()
    held.holdNext('unlink', isPart)
    await rig.delivery.cancelDownload(undefined, { downloadId })
    await rig.until(held.isHeld)
    const asked = server.seen.files
    await ask(track)
    await rig.reached(downloadId, 'preparing')
    // A run that did not wait would be through its question by now.
    for (let looks = 0; looks < 50; looks++) await readdir(rig.staging)
    expect(server.seen.files).toBe(asked)
    held.letGo()
    await rig.reached(downloadId, 'done')
    expect((await onlyFile()).equals(wav)).toBe(true)
    expect(rig.errors).toEqual([])
  })
})

describe('DL3: what the server is told of a download that is given up', () => {
  it('is not that it arrived, although every byte had come: wanted again, it goes on under the same attempt', async () => {
    const [track, other] = [aTrack({ title: 'Tide' }), aTrack({ title: 'Other' })]
    await serveTrack(server, track, await someAudio('mp3'))
    await serveTrack(server, other, await someAudio('mp3', 2))
    held.holdNext('link', (place) => place.startsWith(rig.library))
    const downloadId = await ask(track)
    await rig.until(held.isHeld)
    await rig.delivery.cancelDownload(undefined, { downloadId })
    // Arrivals are told together.
    await rig.reached(await ask(other), 'done')
    await rig.until(async () => server.seen.completes > 0)
    expect(server.attempts()).toEqual(['active', 'delivered'])
    held.letGo()
    await rig.until(async () => server.seen.cancels === 1)
    expect(server.seen.completes).toBe(1)
  })

  it('nor is an arrival forgotten when a late answer comes to its having been given up before', async () => {
    const { track, downloadId } = await pausedOnTheWay()
    const late: (() => void)[] = []
    server.rules.call = (call, reply) => {
      if (call !== 'cancel') return false
      late.push(() => reply('200 OK', 'application/json', JSON.stringify({ state: 'active' })))
      return true
    }
    await rig.delivery.cancelDownload(undefined, { downloadId })
    await rig.until(async () => late.length === 1)
    await ask(track)
    await rig.reached(downloadId, 'done')
    expect(server.attempts()).toEqual(['active'])
    for (const answer of late) answer()
    await rig.until(async () => server.seen.completes === 1)
    expect(server.attempts()).toEqual(['delivered'])
  })
})
