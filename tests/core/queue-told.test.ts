import { beforeEach, describe, expect, it } from 'vitest'
import type { CoreEvent } from '../../contract/events.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

const MANY = 200

let folder: string
let server: FaultServer
let rig: TransferRig
let ids: string[]

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  rig = await openTransferRig({ folder, address: server.address })
  await rig.delivery.pauseAll(undefined, {})
  ids = []
  for (let number = 0; number < MANY; number++) ids.push(await start(number))
})

async function start(number: number): Promise<string> {
  const contentId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const words = { title: `Track ${number}`, artist: 'Nia' }
  return (await rig.delivery.start(undefined, { contentType: 'track', contentId, ...words })).id
}

/** What is told while something is done. */
async function told(work: () => Promise<unknown>): Promise<CoreEvent[]> {
  const before = rig.events.length
  await work()
  return rig.events.slice(before)
}

describe('DL6: a long queue tells of what changed alone', () => {
  it.each([
    ['pausing', () => rig.delivery.pause(undefined, { downloadId: ids[7] ?? '' }), 'paused'],
    ['giving up', () => rig.delivery.cancelDownload(undefined, { downloadId: ids[7] ?? '' }), 'cancelled'],
    [
      'a limit for',
      () => rig.delivery.limitDownload(undefined, { downloadId: ids[7] ?? '', bytesPerSecond: 9 }),
      'queued',
    ],
  ])('%s one of many tells that one, and nobody has to ask for the others', async (_, work, status) => {
    const events = await told(work)
    expect(events).toMatchObject([{ type: 'delivery.progressed', download: { id: ids[7], status } }])
  })

  it('queueing one tells that one, at its place', async () => {
    const events = await told(() => start(MANY))
    expect(events).toMatchObject([
      { type: 'delivery.progressed', download: { title: `Track ${MANY}`, status: 'queued', position: MANY } },
    ])
  })

  it('another order, and what concerns all, is told as such', async () => {
    const types = async (work: () => Promise<unknown>) => (await told(work)).map(({ type }) => type)
    expect(await types(() => rig.delivery.move(undefined, { downloadId: ids[7] ?? '', position: 0 }))).toEqual([
      'delivery.changed',
    ])
    expect(await types(() => rig.delivery.clearFinished(undefined, {}))).toEqual(['delivery.changed'])
  })

  it('some can be asked for alone, in the order of the list; what is not known is left out', async () => {
    await rig.delivery.cancelDownload(undefined, { downloadId: ids[3] ?? '' })
    const some = [ids[3], ids[9], ids[4], '00000000-0000-4000-8000-999999999999'].map((id) => id ?? '')
    const { downloads, isPaused } = await rig.delivery.list(undefined, { ids: some })
    expect(downloads.map(({ id }) => id)).toEqual([ids[4], ids[9], ids[3]])
    const all = (await rig.list()).downloads
    expect(downloads.slice(0, 2)).toEqual([all.find(({ id }) => id === ids[4]), all.find(({ id }) => id === ids[9])])
    expect([isPaused, all.length]).toEqual([true, MANY])
  })
})
