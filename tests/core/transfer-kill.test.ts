import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FaultServer, type FileAnswer, startFaultServer } from '../_kit/fault-server.ts'
import { openTransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 1024 * 1024
/** Bytes of a connection that may have come and are not known after a kill; at most a segment, in truth far less. */
const LOST = 256 * 1024 + 64 * 1024
const CONNECTIONS = 2
const PROGRAM = path.join(import.meta.dirname, '../_kit/download-process.ts')
let folder: string
let server: FaultServer

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-kill-'))
  server = await startFaultServer()
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** Sends a body in slices of 16 KiB, so that hardly more than one is between the two programs. */
const inSlices: FileAnswer = ({ send, head, bytes, socket }) => {
  send(head())
  const body = bytes()
  let sent = 0
  const timer = setInterval(() => {
    if (socket.destroyed || sent >= body.length) return clearInterval(timer)
    send('', body.subarray(sent, sent + 16 * 1024))
    sent += 16 * 1024
  }, 2)
}

function start(contentId: string): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', PROGRAM, folder, server.address, contentId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Waits until so many bytes were sent in all, or the process has ended. */
async function untilSent(bytes: number, child: ChildProcess): Promise<void> {
  while (server.seen.fileBytes < bytes && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 2))
}

describe('R-DC-13: a killed process loses less than the segment each connection was in', () => {
  it('SIGKILL at random moments, again and again', { timeout: 120_000 }, async () => {
    const content = { contentType: 'track' as const, contentId: randomUUID() }
    const object = server.put(content, randomBytes(6 * 2 ** 20 + 17), { segmentSize: SEGMENT, fileName: 'x.wav' })
    server.rules.file = inSlices
    let kills = 0
    for (; kills < 6; kills++) {
      const before = server.seen.fileBytes
      const child = start(content.contentId)
      await untilSent(before + randomInt(1, Math.floor(object.bytes.length / 5)), child)
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      if (child.exitCode !== null) break
    }
    const child = start(content.contentId)
    let told = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      told += chunk.toString()
    })
    await once(child, 'exit')
    expect(told.trim().split('\n').at(-1)).toBe('done')
    const written = (await readFile(path.join(folder, 'written.log'), 'utf8')).trim().split('\n')
    const again = written.reduce((sum, bytes) => sum + Number(bytes), 0) - object.bytes.length
    expect(kills).toBeGreaterThan(0)
    expect(again).toBeLessThanOrEqual(kills * CONNECTIONS * LOST)
    const library = path.join(folder, 'Library')
    expect((await readdir(library)).filter((name) => !name.startsWith('.'))).toEqual(['Nia - Tide.wav'])
    const bytes = await readFile(path.join(library, 'Nia - Tide.wav'))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(object.sha256)
    expect(server.attempts()).toEqual(['delivered'])
    const rig = await openTransferRig({ folder, address: server.address })
    expect((await rig.list()).downloads.map(({ status }) => status)).toEqual(['done'])
    expect(await readdir(rig.staging)).toEqual([])
    await rig.close()
  })

  it('a kill at each step of publishing ends with one file, known, and no second name', {
    timeout: 120_000,
  }, async () => {
    for (const step of ['link', 'unlink'] as const) {
      const content = { contentType: 'track' as const, contentId: randomUUID() }
      const object = server.put(content, randomBytes(2 * SEGMENT), { segmentSize: SEGMENT, fileName: 'x.wav' })
      const program = path.join(import.meta.dirname, '../_kit/die-publishing.ts')
      const child = spawn(
        process.execPath,
        ['--no-warnings', program, folder, server.address, content.contentId, step],
        {
          stdio: 'inherit',
        },
      )
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
      expect(signal).toBe('SIGKILL')
      const before = server.seen.fileBytes
      const rig = await openTransferRig({ folder, address: server.address })
      const [download] = (await rig.list()).downloads
      await rig.reached(download?.id ?? '', 'done')
      expect(server.seen.fileBytes).toBe(before)
      expect(await rig.libraryNames()).toEqual(['Nia - Tide.wav'])
      expect(await readdir(rig.staging)).toEqual([])
      expect((await rig.libraryCalls.verify(undefined, {})).here).toBe(1)
      const bytes = await readFile(path.join(rig.library, 'Nia - Tide.wav'))
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(object.sha256)
      await rig.close()
      await rm(path.join(folder, 'Library', 'Nia - Tide.wav'))
      await rm(path.join(folder, 'accounts'), { recursive: true })
    }
  })
})
