import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Download } from '../../contract/delivery.ts'
import type { ErrorCode } from '../../contract/errors.ts'
import { type FaultServer, type FileAnswer, type ServedObject, startFaultServer } from '../_kit/fault-server.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
const SEGMENTS = 12
let folder: string
let server: FaultServer
let rig: TransferRig
let object: ServedObject

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-faults-'))
  server = await startFaultServer()
  const content = { contentType: 'track' as const, contentId: randomUUID() }
  object = server.put(content, randomBytes(SEGMENTS * SEGMENT - 100), { segmentSize: SEGMENT, fileName: 'x.wav' })
  rig = await openTransferRig({ folder, address: server.address })
})

afterEach(async () => {
  await rig.close()
  await server.close()
  await rm(folder, { recursive: true })
})

async function download(): Promise<Download> {
  const { id } = await rig.delivery.start(undefined, { ...object.content, title: 'Tide', artist: 'Nia' })
  return await rig.reached(id, 'done', 'failed')
}

/** Whatever happened: the final file is absent or right, and nothing else lies in the library. */
async function expectNothingWrong(): Promise<boolean> {
  const names = await rig.libraryNames()
  expect(rig.errors).toEqual([])
  if (names.length === 0) return false
  expect(names).toEqual(['Nia - Tide.wav'])
  const bytes = await readFile(path.join(rig.library, 'Nia - Tide.wav'))
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(object.sha256)
  return true
}

/** The fault for the first `times` requests, the honest answer afterwards. */
function first(times: number, fault: FileAnswer): FileAnswer {
  return (request) => (request.number <= times ? fault(request) : request.honest())
}

/** `bytes` with one bit flipped in the middle. */
function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = Math.floor(copy.length / 2)
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

const HTML = Buffer.from('<html>Please sign in to this network</html>')
const html =
  (status: string): FileAnswer =>
  ({ send }) =>
    send(`HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${HTML.length}\r\n\r\n`, HTML)

const RECOVERED: readonly (readonly [string, FileAnswer])[] = [
  [
    'the server dies in the middle of the body',
    ({ socket, send, head, bytes }) => {
      send(head(), bytes().subarray(0, bytes().length / 2))
      socket.end()
    },
  ],
  [
    'the connection is reset in the middle of the body',
    ({ socket, send, head, bytes }) => {
      send(head(), bytes().subarray(0, bytes().length / 2))
      setTimeout(() => socket.resetAndDestroy(), 20)
    },
  ],
  ['the connection is reset before the headers', ({ socket }) => socket.resetAndDestroy()],
  ['the body stalls', ({ send, head, bytes }) => send(head(), bytes().subarray(0, 1000))],
  ['the headers never come', () => {}],
  [
    'a body drips slower than a byte in ten seconds',
    ({ socket, send, head, bytes }) => {
      send(head())
      const timer = setInterval(() => send('', bytes().subarray(0, 1)), 300)
      socket.on('close', () => clearInterval(timer))
    },
  ],
  [
    'Content-Length is larger than the body',
    ({ socket, send, head, bytes, range }) => {
      send(head({ 'Content-Length': String(range[1] - range[0] + 100) }), bytes())
      socket.end()
    },
  ],
  [
    'Content-Length is smaller than the body',
    ({ send, head, bytes }) => send(head({ 'Content-Length': '10' }), bytes()),
  ],
  [
    'Content-Length is right and more bytes follow',
    ({ send, head, bytes }) => send(head(), Buffer.concat([bytes(), randomBytes(500)])),
  ],
  [
    'there is no Content-Length',
    ({ socket, send, head, bytes }) => {
      send(head({ 'Content-Length': null }), bytes())
      socket.end()
    },
  ],
  ['there are two Content-Lengths', ({ send, head, bytes }) => send(head({ 'Content-length': '12' }), bytes())],
  ['there are two Content-Ranges', ({ send, head, bytes }) => send(head({ 'Content-range': 'bytes 0-9/10' }), bytes())],
  [
    'a chunked body is cut',
    ({ socket, send, head, bytes }) => {
      send(
        head({ 'Content-Length': null, 'Transfer-Encoding': 'chunked' }),
        Buffer.concat([Buffer.from('1000\r\n'), bytes().subarray(0, 2000)]),
      )
      socket.end()
    },
  ],
  [
    '206 starts elsewhere',
    ({ send, head, bytes, range }) => {
      const shifted: [number, number] = [range[0] + 100, range[1]]
      send(head({}, undefined, shifted), bytes(shifted))
    },
  ],
  [
    '206 ends later than asked',
    ({ send, head, bytes, range, object: { bytes: all } }) => {
      const longer: [number, number] = [range[0], Math.min(all.length - 1, range[1] + 100)]
      send(head({}, undefined, longer), bytes(longer))
    },
  ],
  ['206 has no Content-Range', ({ send, head, bytes }) => send(head({ 'Content-Range': null }), bytes())],
  [
    '206 says bytes of an unknown total',
    ({ send, head, bytes, range }) => send(head({ 'Content-Range': `bytes ${range[0]}-${range[1]}/*` }), bytes()),
  ],
  [
    '206 says another total',
    ({ send, head, bytes, range }) =>
      send(head({ 'Content-Range': `bytes ${range[0]}-${range[1]}/99999999` }), bytes()),
  ],
  [
    '206 is multipart',
    ({ send, head, bytes }) => send(head({ 'Content-Type': 'multipart/byteranges; boundary=x' }), bytes()),
  ],
  [
    '206 lies about its offset',
    ({ send, head, bytes, range }) =>
      send(head(), Buffer.concat([bytes().subarray(7), bytes([range[0], range[0] + 6])])),
  ],
  [
    '200 carries the range as if it were all',
    ({ send, head, bytes }) => send(head({ 'Content-Range': null }, '200 OK'), bytes()),
  ],
  ['the ETag is another', ({ send, head, bytes }) => send(head({ ETag: '"sha256-00"' }), bytes())],
  ['the ETag is weak', ({ send, head, bytes, object: { etag } }) => send(head({ ETag: `W/${etag}` }), bytes())],
  ['there is no ETag', ({ send, head, bytes }) => send(head({ ETag: null }), bytes())],
  ['one bit is flipped', ({ send, head, bytes }) => send(head(), flipped(bytes()))],
  [
    'the body is gzip, and says so',
    ({ send, head, bytes }) => {
      const packed = gzipSync(bytes())
      send(head({ 'Content-Encoding': 'gzip', 'Content-Length': String(packed.length) }), packed)
    },
  ],
  [
    '416 for a range that is inside',
    ({ send, object: { bytes } }) =>
      send(`HTTP/1.1 416 No\r\nContent-Range: bytes */${bytes.length}\r\nContent-Length: 0\r\n\r\n`),
  ],
  ['412 with no word', ({ send }) => send('HTTP/1.1 412 No\r\nContent-Length: 0\r\n\r\n')],
  ['a page of a hotel network with 200', html('200 OK')],
  ['a page of a hotel network with 403', html('403 Forbidden')],
  ['511', html('511 Network Authentication Required')],
  [
    'a redirect',
    ({ send }) => send('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n'),
  ],
  ['502 with a page', html('502 Bad Gateway')],
  [
    'no HTTP at all',
    ({ send, socket }) => {
      send('SSH-2.0-OpenSSH_9.2\r\n\r\n')
      socket.end()
    },
  ],
  [
    'a header of two megabytes',
    ({ send, socket }) => {
      send(`HTTP/1.1 206 Partial Content\r\nX-Long: ${'x'.repeat(2 * 2 ** 20)}\r\n\r\n`)
      socket.end()
    },
  ],
]

describe('R-DC-13: a fault of the server or the line is overcome', () => {
  it.each(RECOVERED)('%s', async (_, fault) => {
    server.rules.file = first(1, fault)
    const done = await download()
    expect(done.reason).toBeNull()
    expect(done.status).toBe('done')
    expect(await expectNothingWrong()).toBe(true)
    await rig.until(async () => server.seen.completes === 1)
    expect(server.attempts()).toEqual(['delivered'])
  })

  it.each(RECOVERED)('%s, to every connection at once, twice', async (_, fault) => {
    server.rules.file = first(8, fault)
    const done = await download()
    expect(done.status).toBe('done')
    expect(await expectNothingWrong()).toBe(true)
    await rig.until(async () => server.seen.completes === 1)
    expect(server.attempts()).toEqual(['delivered'])
  })
})

describe('R-DC-13: a server that does as it likes but honestly', () => {
  it('answers less than asked: the rest is asked for', async () => {
    server.rules.file = ({ send, head, bytes, range }) => {
      const short: [number, number] = [range[0], Math.min(range[1], range[0] + 30_000)]
      send(head({}, undefined, short), bytes(short))
    }
    expect((await download()).status).toBe('done')
    expect(await expectNothingWrong()).toBe(true)
    expect(server.seen.fileBytes).toBe(object.bytes.length)
  })

  it('knows no ranges: everything is taken in one answer, verified segments kept', async () => {
    server.rules.file = ({ send, head, bytes, object: { bytes: all }, number, honest }) => {
      if (number === 1) honest()
      else
        send(
          head({ 'Content-Range': null, 'Content-Length': String(all.length) }, '200 OK'),
          bytes([0, all.length - 1]),
        )
    }
    expect((await download()).status).toBe('done')
    expect(await expectNothingWrong()).toBe(true)
  })

  it('always answers 206 from zero', async () => {
    server.rules.file = ({ send, head, bytes, object: { bytes: all } }) => {
      const whole: [number, number] = [0, all.length - 1]
      send(head({}, undefined, whole), bytes(whole))
    }
    expect((await download()).status).toBe('done')
    expect(await expectNothingWrong()).toBe(true)
  })

  it('forgets tokens, or calls them used: new ones are asked for', async () => {
    const codes: ErrorCode[] = ['token-used', 'token-expired', 'token-unknown']
    server.rules.file = ({ number, send, honest }) => {
      const code = codes[number - 1]
      if (code === undefined) return honest()
      const text = JSON.stringify({ code })
      send(
        `HTTP/1.1 410 Gone\r\nContent-Type: application/problem+json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      )
    }
    rig.settings.connectionsPerFile = 1
    expect((await download()).status).toBe('done')
    expect(server.attempts()).toHaveLength(1)
  })

  it.each([
    ['use-dpop-nonce', 0],
    ['not-signed-in', 1],
  ] as const)('wants %s once: the same token is sent again, signed anew', async (code, renewals) => {
    rig.settings.connectionsPerFile = 1
    let isRefused = false
    server.rules.beforeToken = (_, refuse) => {
      if (isRefused) return false
      isRefused = true
      refuse(code)
      return true
    }
    expect((await download()).status).toBe('done')
    expect(rig.renewals.count).toBe(renewals)
    expect(rig.signed[0]).toBe(rig.signed[1])
    expect(server.seen.fileBytes).toBe(object.bytes.length)
  })

  it('wants a new nonce every time: it is asked twice for each try, and never in a loop', async () => {
    let asked = 0
    server.rules.beforeToken = (_, refuse) => {
      asked += 1
      refuse('use-dpop-nonce')
      return true
    }
    rig.settings.connectionsPerFile = 1
    const { id } = await rig.delivery.start(undefined, { ...object.content })
    const waiting = await rig.reached(id, 'waiting', 'failed')
    expect(waiting.reason?.code).toBe('use-dpop-nonce')
    expect(asked).toBe(2)
  })

  it('R-DC-16: sees another network: the same attempt goes on at the same byte', async () => {
    rig.settings.connectionsPerFile = 1
    server.rules.file = ({ number, send, head, bytes, honest, socket }) => {
      if (number === 1) {
        send(head(), bytes().subarray(0, 3 * SEGMENT + 500))
        socket.end()
      } else if (number === 2) {
        const text = JSON.stringify({ code: 'ip-locked' })
        send(
          `HTTP/1.1 403 No\r\nContent-Type: application/problem+json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
        )
      } else honest()
    }
    expect((await download()).status).toBe('done')
    expect(server.seen.fileBytes).toBe(object.bytes.length)
    expect(server.attempts()).toHaveLength(1)
  })
})

describe('R-DC-12: what can not be cured is told, and never offered as done', () => {
  it('a source that is damaged is asked twice for that segment alone, then reported', async () => {
    const bad = 5
    const asked: number[] = []
    server.rules.file = ({ send, head, bytes, range }) => {
      const body = Buffer.from(bytes())
      const at = bad * SEGMENT + 10 - range[0]
      if (at >= 0 && at < body.length) {
        body[at] = (body[at] ?? 0) ^ 255
        asked.push(range[1] - range[0] + 1)
      }
      send(head(), body)
    }
    const { id } = await rig.delivery.start(undefined, { ...object.content, title: 'Tide', artist: 'Nia' })
    const waiting = await rig.reached(id, 'waiting')
    expect(waiting.reason?.code).toBe('corrupt-source')
    expect(asked.slice(1)).toEqual([SEGMENT])
    const end = await rig.reached(id, 'failed', 'done')
    expect(end).toMatchObject({ status: 'failed', reason: { code: 'corrupt-source' } })
    expect(end.receivedBytes).toBe(object.bytes.length - SEGMENT)
    expect(await expectNothingWrong()).toBe(false)
  })

  it('one flipped bit costs one segment', async () => {
    server.rules.file = first(1, ({ send, head, bytes }) => send(head(), flipped(bytes())))
    expect((await download()).status).toBe('done')
    expect(server.seen.fileBytes).toBe(object.bytes.length + SEGMENT)
  })

  it('a server that contradicts itself is not believed', async () => {
    server.rules.call = (call, reply) => {
      if (call !== 'init') return false
      const facts = { sizeBytes: 10, etag: `"sha256-${object.sha256}"`, sha256: object.sha256, segmentSize: 10 }
      const grant = {
        attempt: {
          id: randomUUID(),
          state: 'reserved',
          isReused: false,
          isRepair: false,
          closesAt: new Date().toISOString(),
          bytesServed: 0,
          byteBudget: 1,
        },
        object: {
          ...facts,
          segmentSha256: [object.sha256],
          segmentRoot: object.sha256,
          audioSha256: null,
          fileName: 'x',
          mimeType: 'audio/mpeg',
        },
        tokens: [],
        entitlement: { source: 'purchase', attemptsLeft: 1, quotaLeft: null },
        contents: null,
      }
      reply('200 OK', 'application/json', JSON.stringify(grant))
      return true
    }
    const end = await download()
    expect(end).toMatchObject({ status: 'failed', reason: { code: 'corrupt-source' } })
    expect(server.seen.files).toBe(0)
  })

  it.each<[ErrorCode, string]>([
    ['no-entitlement', '403 Forbidden'],
    ['content-revoked', '403 Forbidden'],
    ['device-revoked', '403 Forbidden'],
    ['rebind-limit', '403 Forbidden'],
    ['attempts-exhausted', '403 Forbidden'],
    ['quota-exhausted', '403 Forbidden'],
  ])('%s ends the download with that reason, at once', async (code, status) => {
    server.rules.call = (_, reply) => {
      reply(status, 'application/problem+json', JSON.stringify({ code }))
      return true
    }
    expect(await download()).toMatchObject({ status: 'failed', reason: { code } })
    expect(server.seen.paths).toEqual(['/api/download/init'])
  })

  it.each<[string, string, ErrorCode]>([
    ['not JSON', '{"attempt":', 'captive-portal'],
    ['a page', '<html>', 'captive-portal'],
  ])('init answers %s: it waits and goes on', async (_, text, code) => {
    let calls = 0
    server.rules.call = (call, reply) => {
      calls += 1
      if (call !== 'init' || calls > 1) return false
      reply('200 OK', text.startsWith('<') ? 'text/html' : 'application/json', text)
      return true
    }
    const done = await download()
    expect(done.status).toBe('done')
    const told = rig.events.flatMap((event) =>
      event.type === 'delivery.progressed' ? [event.download.reason?.code] : [],
    )
    expect(told).toContain(code)
  })

  it('429 with Retry-After is obeyed', async () => {
    let calls = 0
    server.rules.call = (call, reply) => {
      calls += 1
      if (call !== 'init' || calls > 1) return false
      reply('429 Slow', 'application/problem+json', JSON.stringify({ code: 'rate-limited' }), 'Retry-After: 7\r\n')
      return true
    }
    const { id } = await rig.delivery.start(undefined, { ...object.content })
    const before = rig.needs.clock.now()
    const waiting = await rig.reached(id, 'waiting')
    expect(Date.parse(waiting.retryAt ?? '') - before).toBeGreaterThanOrEqual(6_900)
    expect((await rig.reached(id, 'done', 'failed')).status).toBe('done')
  })

  it('a file that changed on the server while a part of it is here starts anew, and no part is joined', async () => {
    const old = object
    rig.settings.connectionsPerFile = 1
    const { id } = await rig.delivery.start(undefined, { ...object.content, title: 'Tide', artist: 'Nia' })
    server.rules.file = ({ number, send, head, bytes, honest, socket }) => {
      if (number > 1) return honest()
      send(head(), bytes().subarray(0, 4 * SEGMENT + 9))
      object = server.put(object.content, randomBytes(old.bytes.length), { segmentSize: SEGMENT, fileName: 'x.wav' })
      socket.end()
    }
    expect((await rig.reached(id, 'done', 'failed')).status).toBe('done')
    expect(object.sha256).not.toBe(old.sha256)
    expect(await expectNothingWrong()).toBe(true)
  })

  it('a redirect is not followed: nothing is asked of the other host', async () => {
    await using other = await startFaultServer()
    server.rules.file = first(1, ({ send }) =>
      send(`HTTP/1.1 307 Go\r\nLocation: ${other.address}/api/download/file\r\nContent-Length: 0\r\n\r\n`),
    )
    expect((await download()).status).toBe('done')
    expect(other.seen.paths).toEqual([])
  })
})

describe('R-DC-12: files of any size', () => {
  it.each([0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 5 * SEGMENT])('%i bytes', async (size) => {
    object = server.put({ contentType: 'track', contentId: randomUUID() }, randomBytes(size), {
      segmentSize: SEGMENT,
      fileName: 'x.wav',
    })
    expect((await download()).status).toBe('done')
    expect(await expectNothingWrong()).toBe(true)
    expect(server.seen.fileBytes).toBe(size)
  })
})
