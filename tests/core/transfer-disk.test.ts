import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { link, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import { type FaultServer, type ServedObject, startFaultServer } from '../_kit/fault-server.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
let folder: string
let server: FaultServer
let object: ServedObject
let rig: TransferRig | null = null

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-disk-'))
  server = await startFaultServer()
  const content = { contentType: 'track' as const, contentId: randomUUID() }
  object = server.put(content, randomBytes(10 * SEGMENT + 5), { segmentSize: SEGMENT, fileName: 'x.wav' })
})

afterEach(async () => {
  await rig?.close()
  rig = null
  await server.close()
  await rm(folder, { recursive: true })
})

async function openRig(disk: Partial<Disk> = {}, more: { libraryFolder?: string } = {}): Promise<TransferRig> {
  rig = await openTransferRig({ folder, address: server.address, disk: { ...realDisk, ...disk }, ...more })
  return rig
}

async function begin(on: TransferRig): Promise<string> {
  return (await on.delivery.start(undefined, { ...object.content, title: 'Tide', artist: 'Nia' })).id
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code })
}

/** Opens part files whose `method` fails while `isBroken` says so. */
function breaking(method: 'write' | 'sync', code: string, isBroken: () => boolean): Pick<Disk, 'open'> {
  return {
    async open(place, flags, mode): Promise<FileHandle> {
      const handle = await realDisk.open(place, flags, mode)
      if (!String(place).endsWith('.part')) return handle
      const work = handle[method].bind(handle) as (...given: unknown[]) => Promise<unknown>
      return Object.assign(handle, {
        [method]: async (...given: unknown[]) => {
          if (isBroken()) throw failure(code)
          return await work(...given)
        },
      })
    },
  }
}

async function sha256Of(place: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(place))
    .digest('hex')
}

describe('R-DC-12: a disk that fails costs no verified byte', () => {
  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EROFS', 'folder-not-writable'],
    ['EIO', 'disk-error'],
  ] as const)('%s in the middle of writing: it waits with %s and goes on', async (system, code) => {
    let writes = 0
    let isRepaired = false
    const on = await openRig(breaking('write', system, () => !isRepaired && ++writes > 4))
    const id = await begin(on)
    const waiting = await on.reached(id, 'waiting', 'failed')
    expect(waiting).toMatchObject({ status: 'waiting', reason: { code } })
    isRepaired = true
    expect((await on.reached(id, 'done', 'failed')).status).toBe('done')
    expect(await sha256Of(path.join(on.library, 'Nia - Tide.wav'))).toBe(object.sha256)
    expect(server.attempts()).toHaveLength(1)
  })

  it('a failed fsync is not believed by asking again: the file is hashed anew before it is published', async () => {
    let syncs = 0
    const on = await openRig(breaking('sync', 'EIO', () => ++syncs === 1))
    const id = await begin(on)
    expect((await on.reached(id, 'waiting')).reason?.code).toBe('disk-error')
    // What the failed fsync lost: the second segment.
    const part = await open(path.join(on.staging, `${id}.part`), 'r+')
    await part.write(Buffer.alloc(SEGMENT), 0, SEGMENT, SEGMENT)
    await part.close()
    expect((await on.reached(id, 'done', 'failed')).status).toBe('done')
    expect(await sha256Of(path.join(on.library, 'Nia - Tide.wav'))).toBe(object.sha256)
    expect(server.seen.fileBytes).toBe(object.bytes.length + SEGMENT)
  })

  it('short writes are completed', async () => {
    const on = await openRig({
      async open(place, flags, mode) {
        const handle = await realDisk.open(place, flags, mode)
        if (!String(place).endsWith('.part')) return handle
        const write = handle.write.bind(handle)
        return Object.assign(handle, {
          write: (buffer: Buffer, offset: number, length: number, position: number) =>
            write(buffer, offset, Math.ceil(length / 3), position),
        })
      },
    })
    expect((await on.reached(await begin(on), 'done', 'failed')).status).toBe('done')
    expect(await sha256Of(path.join(on.library, 'Nia - Tide.wav'))).toBe(object.sha256)
  })

  it('too little space is told before anything is fetched, with the bytes that are missing', async () => {
    let isFull = true
    const on = await openRig({
      statfs: (async (place: string) => {
        const real = await realDisk.statfs(place)
        return isFull ? Object.assign(real, { bavail: 1, bsize: 4096 }) : real
      }) as Disk['statfs'],
    })
    const id = await begin(on)
    expect((await on.reached(id, 'waiting')).reason?.code).toBe('disk-full')
    expect(server.seen.files).toBe(0)
    isFull = false
    expect((await on.reached(id, 'done')).status).toBe('done')
  })

  it.each(['ENOSPC', 'EIO'])(
    '%s while publishing: the verified file stays, and nothing is fetched again',
    async (system) => {
      let isBroken = true
      const on = await openRig({
        link: async (from, to) => {
          if (isBroken) throw failure(system)
          await realDisk.link(from, to)
        },
      })
      const id = await begin(on)
      await on.reached(id, 'waiting')
      expect(await on.libraryNames()).toEqual([])
      isBroken = false
      expect((await on.reached(id, 'done')).status).toBe('done')
      expect(server.seen.fileBytes).toBe(object.bytes.length)
    },
  )

  it('a part file with bit rot gets that segment again, and no other', async () => {
    const on = await openRig()
    on.settings.connectionsPerFile = 1
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 6 * SEGMENT))
    const id = await begin(on)
    await on.until(async () => ((await on.byId(id))?.receivedBytes ?? 0) >= 6 * SEGMENT)
    await on.close()
    const place = path.join(on.staging, `${id}.part`)
    const part = await open(place, 'r+')
    await part.write(Buffer.from('rot'), 0, 3, 2 * SEGMENT + 99)
    await part.close()
    server.rules.file = ({ honest }) => honest()
    const again = await openRig()
    expect((await again.reached(id, 'done')).status).toBe('done')
    expect(await sha256Of(path.join(again.library, 'Nia - Tide.wav'))).toBe(object.sha256)
    expect(server.seen.fileBytes).toBe(object.bytes.length + SEGMENT)
  })

  it('a lost local database: the queue is rebuilt from what lies in the staging folder', async () => {
    const on = await openRig()
    on.settings.connectionsPerFile = 1
    server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 6 * SEGMENT))
    const id = await begin(on)
    await on.until(async () => ((await on.byId(id))?.receivedBytes ?? 0) >= 6 * SEGMENT)
    await on.close()
    for (const name of await readdir(path.dirname(on.staging))) {
      if (name.startsWith('local.sqlite')) await rm(path.join(path.dirname(on.staging), name))
    }
    server.rules.file = ({ honest }) => honest()
    const again = await openRig()
    expect((await again.list()).downloads).toMatchObject([{ id, title: 'Tide', artist: 'Nia' }])
    await again.reached(id, 'done')
    expect(server.seen.fileBytes).toBe(object.bytes.length)
    expect(server.attempts()).toHaveLength(1)
    expect(await sha256Of(path.join(again.library, 'Nia - Tide.wav'))).toBe(object.sha256)
  })

  it('files in the staging folder that belong to nothing are removed', async () => {
    await (await openRig()).close()
    const staging = path.join(rig?.staging ?? '')
    await mkdir(staging, { recursive: true })
    await writeFile(path.join(staging, `${randomUUID()}.part`), 'x')
    await openRig()
    expect(await readdir(staging)).toEqual([])
  })
})

describe('R-DC-12: publishing never replaces', () => {
  it.each(['Nia - Tide.wav', 'NIA - TIDE.WAV', 'Nia - Tide.wav'.normalize('NFD')])(
    'a file called %s stays, ours gets a number',
    async (name) => {
      const on = await openRig()
      await writeFile(path.join(on.library, name), 'mine')
      expect((await on.reached(await begin(on), 'done')).status).toBe('done')
      expect((await on.libraryNames()).sort()).toEqual(['Nia - Tide (2).wav', name].sort())
      expect(await readFile(path.join(on.library, name), 'utf8')).toBe('mine')
      expect(await sha256Of(path.join(on.library, 'Nia - Tide (2).wav'))).toBe(object.sha256)
    },
  )

  it('where files can not be linked, the name is reserved first and only our own reservation replaced', async () => {
    const on = await openRig({ link: () => Promise.reject(failure('ENOTSUP')) })
    await writeFile(path.join(on.library, 'nia - tide.wav'), 'mine')
    await on.reached(await begin(on), 'done')
    expect(await readFile(path.join(on.library, 'nia - tide.wav'), 'utf8')).toBe('mine')
    expect(await sha256Of(path.join(on.library, 'Nia - Tide (2).wav'))).toBe(object.sha256)
    expect(await readdir(on.staging)).toEqual([])
  })

  it('a name that is taken between looking and publishing gives the next one', async () => {
    const on = await openRig({
      async link(from, to) {
        if (path.basename(String(to)) === 'Nia - Tide.wav') await writeFile(to, 'first')
        await realDisk.link(from, to)
      },
    })
    await on.reached(await begin(on), 'done')
    expect(await readFile(path.join(on.library, 'Nia - Tide.wav'), 'utf8')).toBe('first')
    expect(await sha256Of(path.join(on.library, 'Nia - Tide (2).wav'))).toBe(object.sha256)
  })

  it('a busy file is tried again', async () => {
    let busy = 3
    const on = await openRig({
      link: () => Promise.reject(failure('EPERM')),
      async rename(from, to) {
        if (String(from).endsWith('.part') && busy-- > 0) throw failure('EBUSY')
        await realDisk.rename(from, to)
      },
    })
    await on.reached(await begin(on), 'done')
    expect(await sha256Of(path.join(on.library, 'Nia - Tide.wav'))).toBe(object.sha256)
  })
})

describe('R-DC-12: links that were planted are never followed', () => {
  it.each(['symbolic', 'hard'] as const)('a %s link at the place of the part file', async (kind) => {
    const precious = path.join(folder, 'precious')
    await writeFile(precious, 'precious')
    const on = await openRig()
    await on.delivery.pauseAll(undefined, {})
    const id = await begin(on)
    await mkdir(on.staging, { recursive: true })
    const place = path.join(on.staging, `${id}.part`)
    if (kind === 'symbolic') await symlink(precious, place)
    else await link(precious, place)
    await on.delivery.resumeAll(undefined, {})
    await on.reached(id, 'done')
    expect(await readFile(precious, 'utf8')).toBe('precious')
    expect(await sha256Of(path.join(on.library, 'Nia - Tide.wav'))).toBe(object.sha256)
  })
})

describe('R-DC-12: the library folder comes and goes', () => {
  it('a chosen folder that is not there is not made; the download waits for it', async () => {
    const library = path.join(folder, 'stick', 'Music')
    const on = await openRig({}, { libraryFolder: library })
    const id = await begin(on)
    expect((await on.reached(id, 'waiting')).reason?.code).toBe('folder-missing')
    expect(server.seen.inits).toBe(0)
    await mkdir(library, { recursive: true })
    expect((await on.reached(id, 'done')).status).toBe('done')
  })

  it('the default folder is made', async () => {
    const on = await openRig({}, { libraryFolder: path.join(folder, 'Library') })
    await on.reached(await begin(on), 'done')
    expect(await on.libraryNames()).toEqual(['Nia - Tide.wav'])
  })

  it('a folder that disappears while the file arrives: nothing is lost', async () => {
    const on = await openRig()
    let isGone = false
    server.rules.file = ({ honest, number }) => {
      if (number > 1 || isGone) return honest()
      isGone = true
      void rename(on.library, `${on.library}-away`).then(honest)
    }
    const id = await begin(on)
    expect((await on.reached(id, 'waiting', 'done')).reason?.code).toBe('folder-missing')
    await rename(`${on.library}-away`, on.library)
    await on.reached(id, 'done')
    expect(server.seen.fileBytes).toBe(object.bytes.length)
  })

  it('on another volume the parts lie there too, hidden, and only change their name', async ({ skip }) => {
    const other = await mkdtemp('/dev/shm/mixmint-library-').catch(() => null)
    const isOther = other !== null && (await stat(other)).dev !== (await stat(folder)).dev
    if (!isOther) skip('this computer has no second volume to write to')
    const library = other ?? ''
    const on = await openRig({}, { libraryFolder: library })
    const id = await begin(on)
    await on.reached(id, 'done')
    expect(await sha256Of(path.join(library, 'Nia - Tide.wav'))).toBe(object.sha256)
    expect(await readdir(on.staging)).toEqual([])
    await rm(library, { recursive: true })
  })
})
