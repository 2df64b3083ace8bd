import { randomBytes, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { findDownload, saveDownload } from '../../main/core/delivery/rows.ts'
import { createFailingDisk } from '../_kit/failing-disk.ts'
import type { FaultServer, FileRequest } from '../_kit/fault-server.ts'
import { createLeapClock } from '../_kit/leap-clock.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, RIG_TIMINGS, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
let folder: string
let server: FaultServer
let rig: TransferRig
/** Requests that the server holds back until `release`. */
let held: FileRequest[]

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  held = []
  rig = await reopen()
})

const timings = { ...RIG_TIMINGS, connectionWorthBytes: 16 * 2 ** 20 }

/** The queue as it is left in the folder; one request for each file, so that a request is a file. */
function reopen(clock = createLeapClock(Date.now())): Promise<TransferRig> {
  return openTransferRig({ folder, address: server.address, settings: { connectionsPerFile: 1 }, timings, clock })
}

function hold(): void {
  server.rules.file = (request) => held.push(request)
}

function release(): void {
  server.rules.file = (request) => request.honest()
  for (const request of held.splice(0)) request.honest()
}

function put(segments = 2) {
  const content = { contentType: 'track' as const, contentId: randomUUID() }
  server.put(content, randomBytes(segments * SEGMENT), { segmentSize: SEGMENT, fileName: 'x.wav' })
  return content
}

async function start(title = '', segments = 2): Promise<string> {
  return (await rig.delivery.start(undefined, { ...put(segments), title })).id
}

async function statuses(): Promise<string[]> {
  return (await rig.list()).downloads.map(({ status }) => status)
}

describe('R-DC-11: the queue', () => {
  it('runs three at once, and as many as the settings say from now on', async () => {
    hold()
    const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((title) => start(title)))
    await rig.until(async () => held.length === 3)
    expect((await statuses()).filter((status) => status === 'downloading')).toHaveLength(3)
    expect((await statuses()).filter((status) => status === 'queued')).toHaveLength(2)
    rig.settings.parallelDownloads = 1
    held.shift()?.honest()
    await rig.until(async () => (await statuses()).includes('done'))
    expect((await statuses()).filter((status) => status === 'downloading')).toHaveLength(2)
    rig.settings.parallelDownloads = 6
    release()
    for (const id of ids) await rig.reached(id, 'done')
    await rig.until(async () => server.seen.completes === 5)
  })

  it('the same content is queued once', async () => {
    hold()
    const content = put()
    const first = await rig.delivery.start(undefined, content)
    const second = await rig.delivery.start(undefined, content)
    expect(second.id).toBe(first.id)
    expect((await rig.list()).downloads).toHaveLength(1)
  })

  it('DL6: paused, it asks nothing more; resumed, it goes on where it was', async () => {
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 5 * SEGMENT + 123))
    const id = await start('a', 8)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) >= 5 * SEGMENT)
    expect((await rig.delivery.pause(undefined, { downloadId: id })).status).toBe('paused')
    expect((await rig.byId(id))?.receivedBytes).toBeGreaterThanOrEqual(5 * SEGMENT)
    release()
    await rig.delivery.resume(undefined, { downloadId: id })
    await rig.reached(id, 'done')
    // What came of a segment since it was noted last comes again: less than a quarter of a mebibyte, here 123 bytes.
    expect(server.seen.fileBytes).toBeLessThanOrEqual(8 * SEGMENT + 123)
    expect(server.seen.ranges.at(-1)?.[0]).toBeGreaterThanOrEqual(5 * SEGMENT)
    expect(server.attempts()).toHaveLength(1)
  })

  it('pause, resume, pause, resume in one breath leaves one run at work', async () => {
    hold()
    const id = await start('a', 6)
    await rig.until(async () => held.length === 1)
    for (let turn = 0; turn < 5; turn++) {
      await rig.delivery.pause(undefined, { downloadId: id })
      await rig.delivery.resume(undefined, { downloadId: id })
    }
    release()
    await rig.reached(id, 'done')
    expect(rig.errors).toEqual([])
    expect(await readdir(rig.staging)).toEqual([])
  })

  it('cancelled, its parts and its attempt are given up, and the content can be queued again', async () => {
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, SEGMENT + 1))
    const content = put(4)
    const { id } = await rig.delivery.start(undefined, content)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) >= SEGMENT)
    expect((await rig.delivery.cancelDownload(undefined, { downloadId: id })).status).toBe('cancelled')
    await rig.until(async () => server.seen.cancels === 1)
    expect(await readdir(rig.staging)).toEqual([])
    release()
    const again = await rig.delivery.start(undefined, content)
    expect((await rig.reached(again.id, 'done')).status).toBe('done')
  })

  it('a download that failed is tried again when asked', async () => {
    server.rules.call = (_, reply) => {
      reply('403 No', 'application/problem+json', JSON.stringify({ code: 'attempts-exhausted' }))
      return true
    }
    const id = await start()
    await rig.reached(id, 'failed')
    server.rules.call = () => false
    await rig.delivery.retry(undefined, { downloadId: id })
    expect((await rig.reached(id, 'done')).reason).toBeNull()
  })

  it.each(['pause', 'resume', 'retry', 'cancelDownload'] as const)(
    '%s of one that is done is refused',
    async (command) => {
      const id = await start()
      await rig.reached(id, 'done')
      await expect(rig.delivery[command](undefined, { downloadId: id })).rejects.toThrow(
        new AppError('not-downloadable'),
      )
      const unknown = { downloadId: randomUUID() }
      await expect(rig.delivery[command](undefined, unknown)).rejects.toThrow(new AppError('not-found'))
    },
  )

  it('is put in another order', async () => {
    hold()
    rig.settings.parallelDownloads = 1
    const running = await start('running')
    const [a, b, c] = [await start('a'), await start('b'), await start('c')]
    await rig.delivery.move(undefined, { downloadId: c, position: 0 })
    expect((await rig.list()).downloads.map(({ id }) => id)).toEqual([running, c, a, b])
    await rig.delivery.move(undefined, { downloadId: c, position: 99 })
    expect((await rig.list()).downloads.map(({ title }) => title)).toEqual(['running', 'a', 'b', 'c'])
    expect((await rig.list()).downloads.map(({ position }) => position)).toEqual([0, 1, 2, 3])
    const finished: string[] = []
    release()
    for (const id of [running, a, b, c]) await rig.reached(id, 'done')
    for (const event of rig.events) {
      if (event.type === 'delivery.progressed' && event.download.status === 'done') finished.push(event.download.title)
    }
    expect(finished).toEqual(['running', 'a', 'b', 'c'])
  })

  it('is paused and continued as a whole, and stays paused over a restart', async () => {
    hold()
    const id = await start('a', 4)
    await rig.until(async () => held.length === 1)
    await rig.delivery.pauseAll(undefined, {})
    expect(await rig.list()).toMatchObject({ isPaused: true, downloads: [{ status: 'queued' }] })
    await rig.close()
    rig = await reopen()
    expect(await rig.list()).toMatchObject({ isPaused: true, downloads: [{ status: 'queued' }] })
    release()
    await rig.delivery.resumeAll(undefined, {})
    await rig.reached(id, 'done')
  })

  it('forgets what has ended when asked; files stay', async () => {
    const id = await start('a')
    await rig.reached(id, 'done')
    await rig.delivery.clearFinished(undefined, {})
    expect((await rig.list()).downloads).toEqual([])
    expect(await rig.libraryNames()).toHaveLength(1)
  })

  it('tells progress at most four times a second for each download, and every change of state', async () => {
    server.rules.file = ({ send, head, bytes, socket }) => {
      send(head())
      let sent = 0
      const body = bytes()
      const timer = setInterval(() => {
        if (socket.destroyed || sent >= body.length) return clearInterval(timer)
        send('', body.subarray(sent, sent + 16_384))
        sent += 16_384
      }, 1)
    }
    const began = rig.needs.clock.monotonic()
    const id = await start('a', 48)
    await rig.reached(id, 'done')
    const took = rig.needs.clock.monotonic() - began
    const told = rig.events.flatMap((event) => (event.type === 'delivery.progressed' ? [event.download] : []))
    const states = told.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1])
    expect(states).toEqual(['queued', 'preparing', 'downloading', 'verifying', 'done'])
    const downloading = told.filter(({ status }) => status === 'downloading')
    expect(downloading.length).toBeGreaterThan(3)
    expect(downloading.length).toBeLessThanOrEqual(1 + took / 250)
    expect(downloading.some(({ segments }) => /[12]/.test(segments))).toBe(true)
  })

  it('lists ten thousand without losing or doubling one, over a restart', async () => {
    await rig.delivery.pauseAll(undefined, {})
    const id = await start('0')
    const model = findDownload(rig.db, id)
    if (model === null) throw new Error('the download is not there')
    rig.db.exec('begin')
    for (let number = 1; number < 10_000; number++) {
      const content = { contentType: 'track' as const, contentId: randomUUID() }
      saveDownload(rig.db, { ...model, id: randomUUID(), content, title: String(number), position: number + 1 })
    }
    rig.db.exec('commit')
    await rig.close()
    rig = await reopen()
    const titles = (await rig.list()).downloads.map(({ title }) => title)
    expect(new Set(titles).size).toBe(10_000)
    expect(titles.slice(0, 3)).toEqual(['0', '1', '2'])
  })
})

describe('DL1: ten thousand in the queue', () => {
  it('cost what ten cost: nothing that happens to one download looks at the rows of all', async () => {
    hold()
    for (let number = 0; number < 20; number++) await start(String(number), 1)
    const prepared = new Set<string>()
    const prepare = rig.db.prepare.bind(rig.db)
    rig.db.prepare = (sql) => {
      prepared.add(sql)
      return prepare(sql)
    }
    const id = await start('one', 2)
    await rig.delivery.downloadNext(undefined, { downloadId: id })
    await rig.delivery.move(undefined, { downloadId: id, position: 3 })
    await rig.delivery.pause(undefined, { downloadId: id })
    await rig.delivery.downloadNow(undefined, { downloadId: id })
    server.rules.file = (request) => request.honest()
    for (const request of held.splice(0)) request.honest()
    const isDone = () => rig.events.some((one) => one.type === 'delivery.progressed' && one.download.status === 'done')
    await rig.until(async () => isDone())
    rig.db.prepare = prepare
    expect(prepared.size).toBeGreaterThan(15)
    for (const sql of prepared) {
      const plan = prepare(`explain query plan ${sql}`).all(
        ...Array.from({ length: sql.split('?').length - 1 }, () => 1),
      )
      for (const { detail } of plan)
        expect(String(detail), sql).not.toMatch(/SCAN downloads(?! USING (COVERING )?INDEX)/)
    }
  })
})

describe('R-DC-24: no network', () => {
  it('waits while the server is away, and starts when the network is back', async () => {
    let isAway = true
    server.rules.call = (_, reply) => {
      if (isAway) reply('503 Away', 'text/html', '')
      return isAway
    }
    const id = await start()
    await rig.reached(id, 'stalled')
    isAway = false
    rig.setOnline(false)
    rig.setOnline(true)
    await rig.reached(id, 'done')
  })

  it.each([
    ['no connection', '503 Away', 'text/html', ''],
    ['a busy server', '503 Busy', 'application/problem+json', JSON.stringify({ code: 'server-busy' })],
  ])('R-DC-13: what waited for %s when the app ended goes on by itself after the next start', async (_, ...answer) => {
    server.rules.call = (_call, reply) => {
      reply(...answer)
      return true
    }
    const clock = createLeapClock(Date.now())
    await rig.close()
    rig = await reopen(clock)
    const id = await start()
    await rig.reached(id, 'stalled')
    await rig.close()
    server.rules.call = () => false
    rig = await reopen(clock)
    // However often it was tried before: a long pause ends only by a leap.
    clock.leap(60_000)
    await rig.reached(id, 'done')
  })

  it('what arrived is told to the server later, when it could not hear it at once', async () => {
    server.rules.call = (call, reply) => {
      if (call !== 'complete-many') return false
      reply('503 Away', 'application/problem+json', JSON.stringify({ code: 'server-busy' }))
      return true
    }
    const id = await start()
    await rig.reached(id, 'done')
    await rig.close()
    expect(server.attempts()).toEqual(['active'])
    server.rules.call = () => false
    rig = await reopen()
    await rig.until(async () => server.seen.completes === 1)
    expect(server.attempts()).toEqual(['delivered'])
  })
})

describe('R-DC-11: one account at a time', () => {
  it('signing out stops the queue at once, keeps what is here, and refuses what comes', async () => {
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 2 * SEGMENT))
    const id = await start('a', 4)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) === 2 * SEGMENT)
    await rig.signOut()
    await expect(rig.delivery.list(undefined, {})).rejects.toThrow(new AppError('not-signed-in'))
    const asked = server.seen.files
    await rig.close()
    release()
    rig = await reopen()
    await rig.reached(id, 'done')
    expect(server.seen.files).toBe(asked + 1)
    expect(server.seen.fileBytes).toBe(4 * SEGMENT)
  })
})

describe('R-DC-11: limits', () => {
  it('holds all downloads together to the bandwidth of the settings', async () => {
    rig.settings.bandwidthLimit = 256 * 1024
    const began = rig.needs.clock.monotonic()
    const id = await start('a', 16)
    await rig.reached(id, 'done')
    // A mebibyte at a quarter of one a second.
    expect(rig.needs.clock.monotonic() - began).toBeGreaterThanOrEqual(3_500)
  })
})

describe('R-DC-11: what was given up stays given up', () => {
  it('also where the disk would not let go of its files, the list was cleared and the app began anew', async () => {
    await rig.close()
    const { disk, fail } = createFailingDisk()
    const settings = { connectionsPerFile: 1 }
    rig = await openTransferRig({ folder, address: server.address, settings, timings, disk })
    hold()
    const id = await start('Tide')
    await rig.until(async () => held.length === 1)
    const lift = fail({ operations: ['unlink'], code: 'EIO' })
    await rig.delivery.cancelDownload(undefined, { downloadId: id })
    await rig.until(async () => server.seen.cancels === 1)
    await rig.delivery.clearFinished(undefined, {})
    await rig.close()
    lift()
    release()
    rig = await reopen()
    await rig.until(async () => findDownload(rig.db, id)?.staging === null)
    expect(await readdir(rig.staging)).toEqual([])
    await rig.delivery.clearFinished(undefined, {})
    expect((await rig.list()).downloads).toEqual([])
    expect(server.seen.files).toBe(1)
  })
})
