import { beforeEach, expect, it } from 'vitest'
import type { Owned } from '../../contract/entitlements.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { aTrack, ownedPack, owning, servePack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

const TRACKS = 500

let folder: string
let server: FaultServer
let owned: Owned[]
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  owned = []
  rig = await openTransferRig({ folder, address: server.address, serverCall: owning(() => owned), speed: 20 })
})

it(`DL7: a pack of ${TRACKS} tracks arrives with nobody watching, from a server that asks for peace over a line that breaks`, async () => {
  const tracks = Array.from({ length: TRACKS }, (_, index) => aTrack({ title: `Track ${index}` }))
  const sound = await someAudio('mp3')
  const files = tracks.map((_, index) => Buffer.concat([sound, Buffer.from(`${index}`)]))
  const pack = ownedPack('Pack', tracks)
  owned.push(pack)
  await servePack(server, pack, files)
  await rig.libraryCalls.refresh(undefined, {})
  let inits = 0
  let refused = 0
  let broken = 0
  server.rules.call = (call, reply) => {
    if (call !== 'init' || ++inits % 3 !== 1) return false
    refused += 1
    reply('429 Slow down', 'application/problem+json', JSON.stringify({ code: 'rate-limited' }), 'Retry-After: 2\r\n')
    return true
  }
  server.rules.file = ({ number, honest, head, bytes, send, socket }) => {
    if (number % 2 === 0) return honest()
    broken += 1
    const body = bytes()
    send(head(), body.subarray(0, Math.ceil(body.length * 0.7)))
    socket.end()
  }
  const { id } = await rig.delivery.start(undefined, { contentType: 'album', contentId: pack.contentId })
  expect((await rig.reached(id, 'done', 'failed', 'ended')).status).toBe('done')
  expect(refused).toBeGreaterThan(1)
  expect(broken).toBeGreaterThan(1)
  expect(await rig.libraryNames()).toHaveLength(TRACKS)
  const { items } = await rig.libraryCalls.list(undefined, { sort: 'added' })
  expect(items.filter(({ state }) => state === 'here')).toHaveLength(TRACKS)
  await rig.until(async () => server.attempts().includes('delivered'))
  expect(server.attempts()).toEqual(['delivered'])
  expect(rig.errors).toEqual([])
}, 120_000)
