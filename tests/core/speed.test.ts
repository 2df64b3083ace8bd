import { randomBytes, randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { countDownloads } from '../../main/core/power/rows.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
let folder: string
let server: FaultServer
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  // No faster: on a busy computer its timeouts would come before the answers.
  rig = await openTransferRig({ folder, address: server.address, speed: 5 })
})

async function start(segments: number): Promise<string> {
  const content = { contentType: 'track' as const, contentId: randomUUID() }
  server.put(content, randomBytes(segments * SEGMENT), { segmentSize: SEGMENT, fileName: 'x.wav' })
  return (await rig.delivery.start(undefined, { ...content, title: 'x' })).id
}

describe('DL9: limits while something downloads', () => {
  it('DL9: a download that would take days under its limit arrives when the limit goes', async () => {
    rig.needs.settings.change({ bandwidthLimit: 10 })
    const id = await start(16)
    await rig.reached(id, 'downloading')
    expect((await rig.list()).limit).toEqual({ bytesPerSecond: 10, source: 'always', until: null })
    rig.needs.settings.change({ bandwidthLimit: null })
    await rig.reached(id, 'done')
  })

  it('DL9: a limit that comes while a download is under way holds it from then on', async () => {
    rig.needs.settings.change({ bandwidthLimit: 20 * SEGMENT })
    const id = await start(60)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) > 0)
    rig.needs.settings.change({ bandwidthLimit: SEGMENT })
    const began = rig.needs.clock.monotonic()
    const before = (await rig.byId(id))?.receivedBytes ?? 0
    await rig.until(async () => rig.needs.clock.monotonic() - began > 5_000)
    const passed = (rig.needs.clock.monotonic() - began) / 1000
    const came = ((await rig.byId(id))?.receivedBytes ?? 0) - before
    // Each connection may have read one piece before it was asked to wait.
    expect(came).toBeLessThanOrEqual(SEGMENT * (passed * 1.1 + 4 * 4))
    rig.needs.settings.change({ bandwidthLimit: null })
    await rig.reached(id, 'done')
  })

  it('DL9: 0 holds the whole queue; it goes on by itself when the limit rises', async () => {
    rig.needs.settings.change({ bandwidthLimit: 0 })
    const ids = [await start(2), await start(2)]
    expect((await rig.list()).downloads.map(({ status }) => status)).toEqual(['queued', 'queued'])
    expect(server.seen.files).toBe(0)
    rig.needs.settings.change({ bandwidthLimit: 10_000_000 })
    for (const id of ids) await rig.reached(id, 'done')
  })

  it('DL9: 0 for one download holds that one, and the others go by', async () => {
    rig.needs.settings.change({ bandwidthLimit: SEGMENT })
    const held = await start(40)
    await rig.delivery.limitDownload(undefined, { downloadId: held, bytesPerSecond: 0 })
    rig.needs.settings.change({ bandwidthLimit: null })
    const other = await start(2)
    await rig.reached(other, 'done')
    expect(await rig.byId(held)).toMatchObject({ bytesPerSecondLimit: 0 })
    expect((await rig.byId(held))?.status).not.toBe('done')
    await rig.delivery.limitDownload(undefined, { downloadId: held, bytesPerSecond: null })
    await rig.reached(held, 'done')
  })

  it('DL9: the hours of the schedule hold the queue and say until when', async () => {
    const days = [0, 1, 2, 3, 4, 5, 6]
    rig.needs.settings.change({
      speedSchedule: [
        { days, from: '00:00', to: '12:00', bytesPerSecond: 0 },
        { days, from: '12:00', to: '00:00', bytesPerSecond: 0 },
      ],
    })
    const id = await start(2)
    const { limit } = await rig.list()
    expect(limit).toEqual({ bytesPerSecond: 0, source: 'schedule', until: null })
    rig.needs.settings.change({ speedSchedule: [{ days, from: '00:00', to: '00:00', bytesPerSecond: 50_000_000 }] })
    await rig.reached(id, 'done')
  })
})

describe('DL18: what keeps the computer awake', () => {
  it('DL18: the downloads of the account are counted by their state', async () => {
    expect(countDownloads(rig.db)).toEqual({})
    const id = await start(2)
    await rig.reached(id, 'done')
    rig.needs.settings.change({ bandwidthLimit: 0 })
    await start(2)
    await start(2)
    expect(countDownloads(rig.db)).toEqual({ done: 1, queued: 2 })
  })
})
