import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FaultServer } from '../_kit/fault-server.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
let folder: string
let server: FaultServer
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  rig = await openTransferRig({ folder, address: server.address })
})

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('R-DC-10: the core downloads', () => {
  it('R-DC-12: a file arrives whole under its name, and nothing is left behind', async () => {
    const content = { contentType: 'track' as const, contentId: randomUUID() }
    const object = server.put(content, randomBytes(20 * SEGMENT + 77), { segmentSize: SEGMENT, fileName: 'x.mp3' })
    const { id } = await rig.delivery.start(undefined, { ...content, title: 'Tide', artist: 'Nia' })
    const done = await rig.reached(id, 'done', 'failed')
    expect(done).toMatchObject({ status: 'done', receivedBytes: object.bytes.length, totalBytes: object.bytes.length })
    expect(sha256(await readFile(path.join(rig.library, 'Nia - Tide.mp3')))).toBe(object.sha256)
    expect(await rig.libraryNames()).toEqual(['Nia - Tide.mp3'])
    await rig.until(async () => server.seen.completes === 1)
    expect(await readdir(rig.staging)).toEqual([])
    expect(server.seen.fileBytes).toBe(object.bytes.length)
    expect(server.attempts()).toEqual(['delivered'])
    expect(rig.errors).toEqual([])
  })
})
