import { randomBytes, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ERRORS, type ErrorCode } from '../../contract/errors.ts'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import type { FaultServer, FileRequest } from '../_kit/fault-server.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, RIG_TIMINGS, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
const timings = { ...RIG_TIMINGS, connectionWorthBytes: 16 * 2 ** 20 }
let folder: string
let server: FaultServer
let rig: TransferRig

type RigOptions = Omit<Parameters<typeof openTransferRig>[0], 'folder' | 'address'>

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
})

async function open(options: RigOptions = {}): Promise<void> {
  rig = await openTransferRig({ folder, address: server.address, timings, speed: 20, ...options })
}

function put(segments = 2) {
  const content = { contentType: 'track' as const, contentId: randomUUID() }
  server.put(content, randomBytes(segments * SEGMENT), { segmentSize: SEGMENT, fileName: 'x.wav' })
  return content
}

async function start(title: string, segments = 2): Promise<string> {
  return (await rig.delivery.start(undefined, { ...put(segments), title })).id
}

async function statuses(): Promise<string[]> {
  return (await rig.list()).downloads.map(({ status }) => status)
}

/** The server refuses `init` with a code until told otherwise; answers how many times it was asked meanwhile. */
function refuse(code: ErrorCode, more = ''): { times: number; end: () => void } {
  const refusal = {
    times: 0,
    end: () => {
      server.rules.call = () => false
    },
  }
  server.rules.call = (call, reply) => {
    if (call !== 'init') return false
    refusal.times += 1
    reply(`${ERRORS[code].status || 500} Refused`, 'application/problem+json', JSON.stringify({ code }), more)
    return true
  }
  return refusal
}

describe('DL8, DL16: a state says what it waits for', () => {
  it.each<[ErrorCode, string]>([
    ['session-expired', 'needs-sign-in'],
    ['rebind-limit', 'needs-sign-in'],
    ['device-revoked', 'needs-device'],
    ['device-limit', 'needs-device'],
  ])('R-DC-16, DL16: %s: %s, and goes on when the user has signed in', async (code, status) => {
    const signIn = { isReady: false, told: () => {} }
    const watch = {
      isReady: () => signIn.isReady,
      onChange: (listener: () => void) => {
        signIn.told = listener
        return () => {}
      },
    }
    await open({ parts: { signIn: watch }, settings: { parallelDownloads: 1 } })
    const refusal = refuse(code)
    const first = await start('first')
    const second = await start('second')
    expect((await rig.reached(first, status as 'needs-device')).reason?.code).toBe(code)
    // It concerns the account: the next in the queue would only hear the same.
    expect((await rig.byId(second))?.status).toBe('queued')
    signIn.told()
    expect((await rig.byId(first))?.status).toBe(status)
    refusal.end()
    signIn.isReady = true
    signIn.told()
    await rig.reached(first, 'done')
    await rig.reached(second, 'done')
    expect(refusal.times).toBe(1)
  })

  it('what needs a sign-in is tried again when the user says so, with all others', async () => {
    await open({ settings: { parallelDownloads: 3 } })
    const refusal = refuse('session-expired')
    const ids = [await start('a'), await start('b')]
    await rig.until(async () => (await statuses()).includes('needs-sign-in'))
    refusal.end()
    const [waiting] = (await rig.list()).downloads.filter(({ status }) => status === 'needs-sign-in')
    await rig.delivery.retry(undefined, { downloadId: waiting?.id ?? '' })
    for (const id of ids) await rig.reached(id, 'done')
  })

  it('withdrawn access ends a download: its partial file goes, its reason stays, and it can be queued again', async () => {
    await open()
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 2 * SEGMENT))
    const content = put(4)
    const { id } = await rig.delivery.start(undefined, content)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) >= SEGMENT)
    await rig.delivery.pause(undefined, { downloadId: id })
    const refusal = refuse('content-revoked')
    await rig.delivery.resume(undefined, { downloadId: id })
    expect((await rig.reached(id, 'ended')).reason?.code).toBe('content-revoked')
    await rig.until(async () => (await readdir(rig.staging)).length === 0)
    expect(server.seen.cancels).toBe(0)
    await expect(rig.delivery.retry(undefined, { downloadId: id })).rejects.toThrow(ERRORS['not-downloadable'].title)
    refusal.end()
    server.rules.file = (request) => request.honest()
    await rig.delivery.start(undefined, content)
    await rig.reached(id, 'done')
  })

  it('R-DC-24: without a network it waits for it, others are not tried, and all go on when it is back', async () => {
    await open({ settings: { parallelDownloads: 2 } })
    rig.setOnline(false)
    const ids = [await start('a'), await start('b'), await start('c')]
    expect(await statuses()).toEqual(['queued', 'queued', 'queued'])
    expect(server.seen.inits).toBe(0)
    rig.setOnline(true)
    for (const id of ids) await rig.reached(id, 'done')
  })

  it('DL10: what broke off while the server can be reached is stalled and tries again; what can not reach it waits for the network', async () => {
    const listeners = new Set<(isOnline: boolean) => void>()
    const network = { isOnline: true, isReached: true }
    const parts: RigOptions['parts'] = {
      network: {
        isOnline: () => network.isOnline,
        report: () => {},
        async check() {
          network.isOnline = network.isReached
          return network.isReached
        },
        onChange(one) {
          listeners.add(one)
          return () => listeners.delete(one)
        },
      },
    }
    await open({ parts, speed: 1, settings: { parallelDownloads: 1, connectionsPerFile: 1 } })
    server.rules.file = ({ socket }) => socket.resetAndDestroy()
    const id = await start('a')
    const stalled = await rig.reached(id, 'stalled')
    expect(stalled).toMatchObject({ reason: { code: 'offline' }, retryAt: expect.any(String) })
    network.isReached = false
    await rig.delivery.retry(undefined, { downloadId: id })
    await rig.until(async () => !network.isOnline)
    expect(await rig.byId(id)).toMatchObject({ status: 'waiting-for-network', retryAt: null })
    server.rules.file = (request) => request.honest()
    Object.assign(network, { isOnline: true, isReached: true })
    for (const tell of listeners) tell(true)
    await rig.reached(id, 'done')
  })
})

describe('DL7: the server is left in peace', () => {
  it('asked for peace by one, all wait for the same moment', async () => {
    await open({ speed: 1, settings: { parallelDownloads: 2 } })
    const refusal = refuse('rate-limited', 'Retry-After: 2\r\n')
    const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((title) => start(title)))
    await rig.until(async () => (await statuses()).filter((status) => status === 'stalled').length >= 2)
    const asked = refusal.times
    expect(asked).toBeLessThanOrEqual(2)
    refusal.end()
    expect((await statuses()).filter((status) => status === 'queued')).toHaveLength(3)
    for (const id of ids) await rig.reached(id, 'done')
    expect(refusal.times).toBe(asked)
  })

  it('a server in trouble is not knocked at by each of a hundred; all come through when it is well', async () => {
    await open({ settings: { parallelDownloads: 3 } })
    const refusal = refuse('server-busy')
    const ids: string[] = []
    for (let number = 0; number < 100; number++) ids.push(await start(String(number), 1))
    await rig.until(async () => refusal.times >= 12)
    // Rounds of three, not a hundred at once: the others have not been tried.
    expect((await statuses()).filter((status) => status === 'queued').length).toBeGreaterThan(80)
    refusal.end()
    for (const id of ids) await rig.reached(id, 'done')
  }, 60_000)

  it('a hundred and twenty come through a server that asks for peace again and again, and nobody has to do anything', async () => {
    await open({ speed: 100, settings: { parallelDownloads: 4 } })
    let inits = 0
    let refused = 0
    server.rules.call = (call, reply) => {
      if (call !== 'init' || ++inits % 9 !== 0) return false
      refused += 1
      reply('429 Slow down', 'application/problem+json', JSON.stringify({ code: 'rate-limited' }), 'Retry-After: 1\r\n')
      return true
    }
    const ids: string[] = []
    for (let number = 0; number < 120; number++) ids.push(await start(String(number), 1))
    for (const id of ids) await rig.reached(id, 'done')
    expect(refused).toBeGreaterThan(10)
    // Each refusal cost one call, and no other download heard it with it.
    expect(inits).toBeLessThanOrEqual(120 + refused + 120 / 4)
  }, 60_000)

  it('one file with trouble of its own does not hold the others back', async () => {
    await open({ settings: { parallelDownloads: 1 } })
    const bad = put()
    server.rules.file = (request) => {
      if (request.object.content.contentId !== bad.contentId) return request.honest()
      const problem = JSON.stringify({ code: 'server-busy' })
      const head = `HTTP/1.1 503 Busy\r\nContent-Type: application/problem+json\r\nContent-Length: ${problem.length}\r\n\r\n`
      request.send(head, Buffer.from(problem))
    }
    const { id } = await rig.delivery.start(undefined, { ...bad, title: 'bad' })
    const others = [await start('a'), await start('b'), await start('c')]
    for (const other of others) await rig.reached(other, 'done')
    expect((await rig.reached(id, 'stalled')).reason?.code).toBe('server-busy')
  })

  it('R-DC-24: arrivals are told together, also those that could not be told for a while', async () => {
    await open({ settings: { parallelDownloads: 6 } })
    let isAway = true
    let told = 0
    server.rules.call = (call, reply) => {
      if (call !== 'complete-many') return false
      told += 1
      if (isAway) reply('503 Away', 'application/problem+json', JSON.stringify({ code: 'server-busy' }))
      return isAway
    }
    const ids: string[] = []
    for (let number = 0; number < 12; number++) ids.push(await start(String(number), 1))
    for (const id of ids) await rig.reached(id, 'done')
    await rig.until(async () => told > 0)
    expect(server.attempts().filter((state) => state === 'delivered')).toHaveLength(0)
    isAway = false
    told = 0
    rig.setOnline(false)
    rig.setOnline(true)
    await rig.until(async () => server.seen.completes === 12)
    expect(server.attempts().every((state) => state === 'delivered')).toBe(true)
    expect(told).toBeLessThanOrEqual(2)
  })

  it('R-DC-24: an arrival that the server chokes on holds the others up for a while at most', async () => {
    await open({ settings: { parallelDownloads: 6 } })
    const choked = new Set<string>()
    server.rules.call = (call, reply, input) => {
      if (call !== 'complete-many') return false
      const { files } = input as { files: { attemptId: string }[] }
      if (choked.size === 0) choked.add(files[0]?.attemptId ?? '')
      if (files.every(({ attemptId }) => !choked.has(attemptId))) return false
      reply('500 Choked', 'application/problem+json', JSON.stringify({ code: 'internal' }))
      return true
    }
    for (let number = 0; number < 8; number++) await start(String(number), 1)
    await rig.until(async () => server.seen.completes === 7)
    expect(server.attempts().filter((state) => state !== 'delivered')).toHaveLength(1)
    choked.clear()
    choked.add('nobody')
    await rig.until(async () => server.seen.completes === 8)
  })
})

describe('DL6: commands', () => {
  let held: FileRequest[] = []

  beforeEach(() => {
    held = []
    server.rules.file = (request) => held.push(request)
  })

  function release(): void {
    server.rules.file = (request) => request.honest()
    for (const request of held.splice(0)) request.honest()
  }

  async function order(): Promise<string[]> {
    return (await rig.list()).downloads.map(({ title }) => title)
  }

  it('next puts one before all others that wait, whatever it waits for, and that survives a restart', async () => {
    await open({ settings: { parallelDownloads: 1 } })
    await start('running')
    const [, b, c] = [await start('a'), await start('b'), await start('c')]
    await rig.delivery.pause(undefined, { downloadId: b })
    await rig.delivery.downloadNext(undefined, { downloadId: b })
    expect((await rig.byId(b))?.status).toBe('paused')
    await rig.delivery.downloadNext(undefined, { downloadId: c })
    expect(await order()).toEqual(['running', 'c', 'b', 'a'])
    await rig.close()
    await open({ settings: { parallelDownloads: 1 } })
    expect(await order()).toEqual(['running', 'c', 'b', 'a'])
    release()
    await rig.until(async () => (await statuses()).filter((status) => status === 'done').length === 3)
    expect((await rig.byId(b))?.status).toBe('paused')
  })

  it('moving one between the same two again and again keeps the order and loses none', async () => {
    await open({ settings: { parallelDownloads: 1 } })
    await start('running')
    const [, b, c] = [await start('a'), await start('b'), await start('c')]
    for (let turn = 0; turn < 300; turn++) {
      await rig.delivery.move(undefined, { downloadId: turn % 2 === 0 ? b : c, position: 1 })
      expect(await order()).toEqual(turn % 2 === 0 ? ['running', 'a', 'b', 'c'] : ['running', 'a', 'c', 'b'])
    }
  })

  it('now takes the place of the run that began last, which keeps what is here of it', async () => {
    await open({ settings: { parallelDownloads: 2, connectionsPerFile: 1 } })
    const older = await start('older')
    await rig.until(async () => held.length === 1)
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 3 * SEGMENT + 5))
    const younger = await start('younger', 8)
    await rig.until(async () => ((await rig.byId(younger))?.receivedBytes ?? 0) >= 3 * SEGMENT)
    server.rules.file = (request) => held.push(request)
    const waiting = await start('waiting')
    const urgent = await start('urgent')
    expect((await rig.delivery.downloadNow(undefined, { downloadId: urgent })).status).toBe('preparing')
    expect((await rig.byId(older))?.status).toBe('downloading')
    expect(await rig.byId(younger)).toMatchObject({ status: 'queued', reason: null })
    expect((await rig.byId(younger))?.receivedBytes).toBeGreaterThanOrEqual(3 * SEGMENT)
    expect((await rig.byId(waiting))?.status).toBe('queued')
    const sent = server.seen.fileBytes
    release()
    for (const id of [older, younger, waiting, urgent]) await rig.reached(id, 'done')
    // Nothing of what had come was fetched again, but for the beginning of one segment.
    expect(server.seen.fileBytes - sent).toBeLessThanOrEqual((2 + 5 + 2 + 2) * SEGMENT)
  })

  it('now begins what is paused or waits, also while the queue is paused; what has ended it refuses', async () => {
    await open({ settings: { parallelDownloads: 1 } })
    const id = await start('a')
    await rig.until(async () => held.length === 1)
    await rig.delivery.pause(undefined, { downloadId: id })
    await rig.delivery.pauseAll(undefined, {})
    expect((await rig.delivery.downloadNow(undefined, { downloadId: id })).status).toBe('preparing')
    release()
    await rig.reached(id, 'done')
    await expect(rig.delivery.downloadNow(undefined, { downloadId: id })).rejects.toThrow(
      ERRORS['not-downloadable'].title,
    )
    await expect(rig.delivery.downloadNext(undefined, { downloadId: id })).rejects.toThrow(
      ERRORS['not-downloadable'].title,
    )
  })

  it('DL9: a limit of 0 holds one download, is kept over a restart, and is not a failure; the others go on', async () => {
    await open({ settings: { parallelDownloads: 1, connectionsPerFile: 1 } })
    const id = await start('held')
    await rig.until(async () => held.length === 1)
    const limited = await rig.delivery.limitDownload(undefined, { downloadId: id, bytesPerSecond: 0 })
    expect(limited).toMatchObject({ status: 'queued', bytesPerSecondLimit: 0, reason: null })
    release()
    await rig.reached(await start('other'), 'done')
    await rig.close()
    await open({ settings: { parallelDownloads: 1, connectionsPerFile: 1 } })
    await rig.reached(await start('another'), 'done')
    expect(await rig.byId(id)).toMatchObject({ status: 'queued', bytesPerSecondLimit: 0 })
    await rig.delivery.limitDownload(undefined, { downloadId: id, bytesPerSecond: null })
    await rig.reached(id, 'done')
  })

  it('DL9: a limit of 0 over all holds the whole queue and says so; taken away, it goes on at once', async () => {
    await open({ settings: { connectionsPerFile: 1 } })
    const id = await start('a')
    await rig.until(async () => held.length === 1)
    rig.needs.settings.change({ bandwidthLimit: 0 })
    await rig.reached(id, 'queued')
    expect((await rig.list()).limit).toMatchObject({ bytesPerSecond: 0, source: 'always' })
    release()
    rig.needs.settings.change({ bandwidthLimit: null })
    await rig.reached(id, 'done')
    expect((await rig.list()).limit.source).toBe('none')
  })

  it('R-DC-16, DL10: after sleep or on another network connections begin anew at once, for the same attempt, and nothing counts as a failure', async () => {
    await open({ settings: { connectionsPerFile: 1 } })
    const id = await start('a')
    await rig.until(async () => held.length === 1)
    server.rules.file = (request) => request.honest()
    const before = rig.events.length
    rig.reconnect()
    await rig.reached(id, 'done')
    const told = rig.events.slice(before).filter((event) => event.type === 'delivery.progressed')
    expect(told.map(({ download }) => download.status)).not.toContain('stalled')
    expect(told.every(({ download }) => download.reason === null)).toBe(true)
    await rig.until(async () => server.seen.completes === 1)
    expect(server.attempts()).toEqual(['delivered'])
  })
})

describe('DL10: a metered connection', () => {
  function meteredConnection() {
    const state = { isMetered: false as boolean | null, tell: () => {} }
    const metered = {
      isMetered: () => state.isMetered,
      onChange(listener: (isMetered: boolean | null) => void) {
        state.tell = () => listener(state.isMetered)
        return () => {}
      },
    }
    return { state, metered }
  }

  it('is asked about once, and the answer holds until the connection changes', async () => {
    const { state, metered } = meteredConnection()
    server.rules.file = () => {}
    await open({ parts: { metered }, settings: { onMetered: 'ask', parallelDownloads: 2 } })
    const ids = [await start('a'), await start('b'), await start('c')]
    await rig.until(async () => (await statuses()).filter((status) => status === 'downloading').length === 2)
    state.isMetered = true
    state.tell()
    expect(await rig.list()).toMatchObject({ asksAboutMetered: true })
    expect(await statuses()).toEqual(['needs-consent', 'needs-consent', 'queued'])
    await rig.delivery.answerMetered(undefined, { mayUse: false })
    await rig.delivery.pause(undefined, { downloadId: ids[2] ?? '' })
    await rig.delivery.resume(undefined, { downloadId: ids[2] ?? '' })
    expect(await rig.list()).toMatchObject({ asksAboutMetered: false })
    expect(await statuses()).toEqual(['needs-consent', 'needs-consent', 'queued'])
    state.tell()
    expect((await rig.list()).asksAboutMetered).toBe(true)
    server.rules.file = (request) => request.honest()
    await rig.delivery.answerMetered(undefined, { mayUse: true })
    expect((await rig.list()).asksAboutMetered).toBe(false)
    for (const id of ids) await rig.reached(id, 'done')
  })

  it.each([
    ['use', 'done'],
    ['wait', 'needs-consent'],
  ] as const)('with the setting %s it is not asked about: %s', async (onMetered, status) => {
    const { state, metered } = meteredConnection()
    state.isMetered = true
    await open({ parts: { metered }, settings: { onMetered } })
    const id = await start('a')
    await rig.reached(id, status)
    expect((await rig.list()).asksAboutMetered).toBe(false)
    state.isMetered = false
    state.tell()
    await rig.reached(id, 'done')
  })
})

describe('DL11: room on the disk', () => {
  /** A disk with so many bytes free. */
  function diskWith(free: { bytes: number }): Disk {
    return {
      ...realDisk,
      statfs: (async () => ({ bavail: free.bytes, bsize: 1 })) as unknown as Disk['statfs'],
    }
  }
  const MB = 2 ** 20

  it('says how much is missing, waits, and goes on when there is room, with as many as fit', async () => {
    const free = { bytes: 16 * MB + SEGMENT }
    await open({ disk: diskWith(free), settings: { parallelDownloads: 1 } })
    const big = await start('big', 8)
    const small = await start('small', 1)
    const waiting = await rig.reached(big, 'needs-space')
    expect(waiting).toMatchObject({ missingBytes: 7 * SEGMENT, reason: { code: 'disk-full' } })
    // Another one that fits is not held up by it.
    await rig.reached(small, 'done')
    expect((await rig.byId(big))?.status).toBe('needs-space')
    free.bytes = 16 * MB + 8 * SEGMENT
    expect(await rig.reached(big, 'done')).toMatchObject({ missingBytes: null })
  })

  it('plans over the whole queue by what is still to come, and warns once for each shortage', async () => {
    const free = { bytes: 16 * MB + 4 * SEGMENT }
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 2 * SEGMENT))
    await open({ disk: diskWith(free), settings: { parallelDownloads: 1, connectionsPerFile: 1 } })
    const id = await start('a', 4)
    await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) >= 2 * SEGMENT)
    const plan = async () => (await rig.delivery.plan(undefined, {})).volumes
    const [volume] = await plan()
    const remaining = 4 * SEGMENT - ((await rig.byId(id))?.receivedBytes ?? 0)
    expect(volume).toMatchObject({ isConnected: true, downloads: 1, remainingBytes: remaining, missingBytes: 0 })
    free.bytes = 16 * MB
    expect(await plan()).toMatchObject([{ remainingBytes: remaining, missingBytes: remaining }])
    await start('b', 4)
    await rig.until(async () => rig.noticed.includes('not-enough-space'))
    await start('c', 4)
    await rig.until(async () => (await plan())[0]?.downloads === 3)
    expect(rig.noticed.filter((code) => code === 'not-enough-space')).toHaveLength(1)
  })
})

describe('DL11: the database on a full disk', () => {
  it('loses nothing and ends nothing: a command is refused in words, and what happened is written when there is room', async () => {
    await open({ settings: { connectionsPerFile: 1 } })
    const held: FileRequest[] = []
    server.rules.file = (request) => held.push(request)
    const id = await start('a')
    await rig.until(async () => held.length === 1)
    let isFull = true
    const prepare = rig.db.prepare.bind(rig.db)
    rig.db.prepare = (sql) => {
      if (isFull && sql.startsWith('insert into downloads'))
        throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
      return prepare(sql)
    }
    await expect(start('b')).rejects.toThrow(expect.objectContaining({ code: 'disk-full' }))
    await expect(rig.delivery.pause(undefined, { downloadId: id })).rejects.toThrow(
      expect.objectContaining({ code: 'disk-full' }),
    )
    for (const request of held) request.honest()
    await rig.until(async () => (await rig.libraryNames()).length === 1)
    expect((await rig.byId(id))?.status).not.toBe('done')
    isFull = false
    await rig.reached(id, 'done')
    expect((await rig.list()).downloads).toHaveLength(1)
    expect(server.seen.fileBytes).toBe(2 * SEGMENT)
  })
})

describe('DL16: a report on a download', () => {
  it('has its states, codes and counts, and no name, place, token or address', async () => {
    const canary = 'canary-7c1f'
    folder = path.join(folder, canary)
    await open({ libraryFolder: folder })
    refuse('server-busy')
    const id = (await rig.delivery.start(undefined, { ...put(), title: canary, artist: `${canary}@mail.test` })).id
    await rig.reached(id, 'stalled')
    const { text } = await rig.delivery.diagnose(undefined, { downloadId: id })
    expect(text).toMatch(/status: stalled/)
    expect(text).toMatch(/reason: server-busy/)
    expect(text).toContain(id)
    for (const secret of [canary, folder, server.address, '127.0.0.1', '@', 'Bearer'])
      expect(text, secret).not.toContain(secret)
    await expect(rig.delivery.diagnose(undefined, { downloadId: randomUUID() })).rejects.toThrow(
      ERRORS['not-found'].title,
    )
    folder = path.dirname(folder)
  })
})
