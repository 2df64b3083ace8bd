import { randomBytes, randomUUID } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Disk } from '../../main/core/library/disk.ts'
import { createFailingDisk, isPart } from '../_kit/failing-disk.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { createHoldingDisk } from '../_kit/holding-disk.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
let folder: string
let server: FaultServer
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
})

function openRig(disk?: Disk): Promise<TransferRig> {
  return openTransferRig({ folder, address: server.address, ...(disk !== undefined && { disk }) })
}

/** A download of which some segments were written down as whole before the power failed, and took one of them along. */
async function cutOff() {
  const content = { contentType: 'track' as const, contentId: randomUUID() }
  const { bytes } = server.put(content, randomBytes(20 * SEGMENT + 77), { segmentSize: SEGMENT, fileName: 'x.mp3' })
  const whole = server.rules.file
  server.rules.file = ({ range, honest }) => {
    if (range[0] < 4 * SEGMENT) honest()
  }
  rig = await openRig()
  const { id: downloadId } = await rig.delivery.start(undefined, { ...content, title: 'Tide', artist: 'Nia' })
  await rig.until(async () => ((await rig.byId(downloadId))?.receivedBytes ?? 0) >= 4 * SEGMENT)
  await rig.delivery.pause(undefined, { downloadId })
  const here = server.seen.fileBytes
  await rig.close()
  server.rules.file = whole
  const part = await open(path.join(rig.staging, `${downloadId}.part`), 'r+')
  await part.write(Buffer.alloc(SEGMENT), 0, SEGMENT, 2 * SEGMENT)
  await part.close()
  return { downloadId, bytes, here }
}

async function arrives(downloadId: string, bytes: Buffer): Promise<void> {
  await rig.reached(downloadId, 'done')
  expect((await readFile(path.join(rig.library, 'Nia - Tide.mp3'))).equals(bytes)).toBe(true)
}

describe('R-DC-13: what a power cut took from a part file is found, also when the reading of it', () => {
  it.each([
    ['can not begin', { operations: ['open'], on: (place: string) => place.endsWith('.begun') }],
    ['breaks off at an error of the disk', { operations: ['read'], on: isPart, after: 1 }],
  ] as const)('%s', async (_, fault) => {
    const { downloadId, bytes } = await cutOff()
    const { disk, fail, failures } = createFailingDisk()
    fail({ ...fault, code: 'EBUSY', times: 1 })
    rig = await openRig(disk)
    await rig.delivery.resume(undefined, { downloadId })
    await rig.reached(downloadId, 'stalled')
    expect(failures()).toBe(1)
    await rig.retryStalled(downloadId)
    await arrives(downloadId, bytes)
  })

  it('finds a sector that can not be read any more: that segment comes again, and no other', async () => {
    const { downloadId, bytes, here } = await cutOff()
    const { disk, fail } = createFailingDisk()
    fail({ operations: ['read'], on: isPart, code: 'EIO', times: 1 })
    rig = await openRig(disk)
    await rig.delivery.resume(undefined, { downloadId })
    await arrives(downloadId, bytes)
    expect(here).toBeGreaterThanOrEqual(4 * SEGMENT)
    // The first, which could not be read, and the third, which was lost, came twice.
    expect(server.seen.fileBytes).toBe(bytes.length + 2 * SEGMENT)
    expect((await rig.byId(downloadId))?.reason).toBeNull()
  })

  it('is ended by a pause', async () => {
    const { downloadId, bytes } = await cutOff()
    const held = createHoldingDisk()
    onTestFinished(held.letGo)
    rig = await openRig(held.disk)
    held.holdNext('read', isPart)
    await rig.delivery.resume(undefined, { downloadId })
    await rig.until(held.isHeld)
    await rig.delivery.pause(undefined, { downloadId })
    held.letGo()
    await rig.delivery.resume(undefined, { downloadId })
    await arrives(downloadId, bytes)
  })
})
