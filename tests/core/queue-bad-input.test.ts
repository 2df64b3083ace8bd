import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { lockDataFolder } from '../../main/adapters/folder-lock.ts'
import type { FaultServer, ServedObject } from '../_kit/fault-server.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, RIG_TIMINGS, type TransferRig } from '../_kit/transfer-rig.ts'

const SEGMENT = 64 * 1024
const timings = { ...RIG_TIMINGS, connectionWorthBytes: 16 * 2 ** 20 }
let folder: string
let server: FaultServer
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  await reopen()
})

async function reopen(): Promise<void> {
  rig = await openTransferRig({
    folder,
    address: server.address,
    timings,
    settings: { connectionsPerFile: 1 },
    speed: 20,
  })
}

const database = () => path.join(path.dirname(rig.staging), 'local.sqlite')

/** A download of eight segments that broke off in the middle, and the app has ended. */
async function begun(): Promise<{ id: string; object: ServedObject }> {
  server.rules.file = ({ send, head, bytes }) => send(head(), bytes().subarray(0, 5 * SEGMENT + 99))
  const content = { contentType: 'track' as const, contentId: randomUUID() }
  const object = server.put(content, randomBytes(8 * SEGMENT), { segmentSize: SEGMENT, fileName: 'x.wav' })
  const { id } = await rig.delivery.start(undefined, { ...content, title: 'Tide' })
  await rig.until(async () => ((await rig.byId(id))?.receivedBytes ?? 0) >= 5 * SEGMENT)
  await rig.close()
  server.rules.file = (request) => request.honest()
  return { id, object }
}

describe('DL1: a staging folder that was edited by hand', () => {
  const precious = () => path.join(folder, 'precious.txt')

  it.each<[string, (part: string, sidecar: string) => Promise<void>]>([
    ['the part was deleted', (part) => rm(part)],
    ['the part was cut short', (part) => truncate(part, 2 * SEGMENT + 7)],
    ['the part was emptied', (part) => truncate(part, 0)],
    ['the part was made longer than the file', (part) => writeFile(part, randomBytes(9 * SEGMENT), { flag: 'a' })],
    ['the part was overwritten', (part) => writeFile(part, randomBytes(6 * SEGMENT))],
    [
      'the part was replaced by a link to something else',
      async (part) => {
        await rm(part)
        await symlink(precious(), part)
      },
    ],
    ['the sidecar is garbage', (_, sidecar) => writeFile(sidecar, '{"version": 1, "downloadId": "../../x"')],
    ['the sidecar is gone', (_, sidecar) => rm(sidecar)],
    ['the whole folder was deleted', (part) => rm(path.dirname(part), { recursive: true })],
    ['there is more than belongs there', (part) => writeFile(path.join(path.dirname(part), 'notes.txt'), 'mine')],
  ])('%s: the download recovers, whole', async (_, edit) => {
    await writeFile(precious(), 'precious')
    const { id, object } = await begun()
    await edit(path.join(rig.staging, `${id}.part`), path.join(rig.staging, `${id}.json`))
    await reopen()
    await rig.reached(id, 'done')
    const [name = ''] = await rig.libraryNames()
    const bytes = await readFile(path.join(rig.library, name))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(object.sha256)
    expect(await readFile(precious(), 'utf8')).toBe('precious')
    expect(await readdir(rig.staging)).toEqual([])
    expect(rig.errors).toEqual([])
  })

  it('the part became a folder: the others are not held up by it', async () => {
    const { id } = await begun()
    const part = path.join(rig.staging, `${id}.part`)
    await rm(part)
    await mkdir(part)
    await reopen()
    const content = { contentType: 'track' as const, contentId: randomUUID() }
    server.put(content, randomBytes(SEGMENT), { segmentSize: SEGMENT, fileName: 'y.wav' })
    await rig.reached((await rig.delivery.start(undefined, content)).id, 'done')
    expect((await rig.reached(id, 'stalled')).reason?.code).toBe('disk-error')
    await rm(part, { recursive: true, force: true })
    await rig.reached(id, 'done')
  })
})

describe('DL1: databases that do not fit', () => {
  it('one of a newer version is refused, untouched, and explained', async () => {
    await begun()
    const place = database()
    const newer = new DatabaseSync(place)
    newer.exec("insert into local_migrations values ('delivery-999-from-the-future', 1)")
    newer.exec('pragma wal_checkpoint(truncate)')
    newer.close()
    const before = await readFile(place)
    const files = await readdir(path.dirname(place))
    await expect(reopen()).rejects.toThrow(
      expect.objectContaining({ code: 'newer-data', message: expect.stringMatching(/newer version/) }),
    )
    expect(await readFile(place)).toEqual(before)
    expect(await readdir(path.dirname(place))).toEqual(files)
  })

  it('one of the version before: what waited goes on, and nothing of the history is lost', async () => {
    const { id } = await begun()
    const old = new DatabaseSync(database())
    old.exec(`
      drop index downloads_last; drop index downloads_state; drop index downloads_due;
      drop index downloads_current; drop index downloads_history;
      alter table downloads drop column drive_name; alter table downloads drop column missing_bytes;
      alter table downloads drop column bytes_per_second_limit; alter table downloads drop column format;
      create index downloads_position on downloads (position, status);
      create index downloads_status on downloads (status, position);
      delete from local_migrations where name = 'delivery-2-states-that-tell-the-truth';
      update downloads set status = 'waiting', retry_at = 1, failures = 2, reason_code = 'server-busy', reason_message = 'busy';
      insert into downloads (id, content_type, content_id, title, artist, status, run, failures, position, added_at, finished_at)
        values ('${randomUUID()}', 'track', '${randomUUID()}', 'Old', '', 'done', 1, 0, 7, 1, 2);
    `)
    old.close()
    await reopen()
    await rig.reached(id, 'done')
    expect((await rig.list()).downloads.map(({ title }) => title)).toEqual(['Tide', 'Old'])
  })

  it('two apps on one data folder: the second is told, and the queue of the first goes on', async () => {
    const unlock = lockDataFolder(folder)
    onTestFinished(unlock)
    expect(() => lockDataFolder(folder)).toThrow(
      expect.objectContaining({ code: 'data-in-use', message: expect.stringMatching(/Another MixMint/) }),
    )
    const content = { contentType: 'track' as const, contentId: randomUUID() }
    server.put(content, randomBytes(SEGMENT), { segmentSize: SEGMENT, fileName: 'y.wav' })
    await rig.reached((await rig.delivery.start(undefined, content)).id, 'done')
  })
})
