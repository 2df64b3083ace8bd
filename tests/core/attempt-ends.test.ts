import { beforeEach, describe, expect, it } from 'vitest'
import type { Owned } from '../../contract/entitlements.ts'
import { createFailingDisk } from '../_kit/failing-disk.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
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
  rig = await openTransferRig({ folder, address: server.address, serverCall: owning(() => owned) })
})

describe('DL3: an attempt that is not needed any more costs nothing', () => {
  it('of a pack whose tracks have come another way meanwhile nothing more is fetched, and its attempt is given back', async () => {
    const track = aTrack({ title: 'One', format: 'wav' })
    const pack = ownedPack('Pack', [track])
    const bytes = await someAudio('wav', 3)
    await servePack(server, pack, [bytes])
    await serveTrack(server, track, bytes)
    owned.push(pack, ownedTrack(track))
    await rig.libraryCalls.refresh(undefined, {})
    let packBytes = 0
    server.rules.file = (request) => {
      if (request.object.content.contentType === 'track') return request.honest()
      packBytes += 1
      request.socket.destroy()
    }
    const { id } = await rig.delivery.start(undefined, { contentType: 'album', contentId: pack.contentId })
    await rig.until(async () => packBytes > 0)
    await rig.delivery.pause(undefined, { downloadId: id })
    const single = await rig.delivery.start(undefined, { contentType: 'track', contentId: track.id })
    await rig.reached(single.id, 'done')
    const asked = packBytes
    await rig.delivery.resume(undefined, { downloadId: id })
    await rig.reached(id, 'done')
    await rig.until(async () => server.seen.cancels === 1)
    expect([packBytes, server.seen.completes, await rig.libraryNames()]).toEqual([asked, 1, ['Nia - One [124 8A].wav']])
  })

  it('a file that the disk does not show is not paid for again: its download waits until it can be looked at', async () => {
    await rig.close()
    const { disk, fail } = createFailingDisk()
    rig = await openTransferRig({ folder, address: server.address, serverCall: owning(() => owned), disk })
    const track = aTrack({ title: 'Tide', format: 'wav' })
    await serveTrack(server, track, await someAudio('wav'))
    const content = { contentType: 'track' as const, contentId: track.id }
    const { id } = await rig.delivery.start(undefined, content)
    await rig.reached(id, 'done')
    const heal = fail({ operations: ['lstat'], code: 'EIO', on: (place) => place.endsWith('.wav') })
    await rig.delivery.start(undefined, content)
    expect((await rig.reached(id, 'stalled')).reason?.code).toBe('disk-error')
    heal()
    await rig.retryStalled(id)
    await rig.reached(id, 'done')
    expect(server.attempts()).toEqual(['delivered'])
    expect(await rig.libraryNames()).toHaveLength(1)
  })
})
