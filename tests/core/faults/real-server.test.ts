import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { delivery } from '../../../contract/delivery.ts'
import { identity } from '../../../contract/identity.ts'
import { library } from '../../../contract/library.ts'
import { asCaller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { freshDatabase, type TestDatabase } from '../../_kit/databases.ts'
import { type FaultProxy, type LinePlan, startFaultProxy } from '../../_kit/fault-proxy.ts'
import { SERVICE, seedPeople } from '../../_kit/people.ts'
import { seededRandom } from '../../_kit/seeded.ts'
import { idOf, stockTracks } from '../../_kit/shop.ts'
import { type CoreUnderTest, startCore } from '../../_kit/start-core.ts'
import { startTestServer, type TestServer } from '../../_kit/start-server.ts'
import { fastClock } from '../../_kit/transfer-rig.ts'
import { giveFile } from '../../server/delivery/delivery-server.ts'

const SIZE = 3_000_000
const EMAIL = 'faults@people.example'
const PASSWORD = 'a password of nine words'
const FILE = /^GET \/api\/download\/file/
/** Inside the body of the first answer with bytes. */
const MIDDLE = 700_000
/** Real time after which a run counts as stuck. */
const STUCK_MS = 40_000

describe('G1: cases 25 and 40 to 47 against the real server, over a line between two networks', () => {
  let database: TestDatabase
  let server: TestServer
  let line: FaultProxy
  let desktop: CoreUnderTest
  let userId = ''
  const faults: { plan: LinePlan | null; times: number } = { plan: null, times: 0 }

  beforeAll(async () => {
    database = await freshDatabase('PostgreSQL')
    await seedPeople(database.db)
    server = await startTestServer({ db: database.db })
    line = await startFaultProxy(Number(new URL(server.address).port))
    line.setPlans(() => faults.plan)
    desktop = await startCore({ serverAddress: line.address, clock: fastClock(10) })
    await desktop.call(identity.signUp, { email: EMAIL, password: PASSWORD })
    const me = await desktop.call(identity.me, {})
    userId = me.id
  })
  afterEach(() => {
    faults.plan = null
    line.setNetwork('127.0.0.1')
    line.cutAll()
  })
  afterAll(async () => {
    await desktop[Symbol.asyncDispose]()
    await line[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  function asService<T>(work: (tx: ServerTransaction) => Promise<T>): Promise<T> {
    return asCaller(database.db, SERVICE, work, { clock: server.clock })
  }

  async function stock(name: string, bytes = seededRandom(name).bytes(SIZE)) {
    const isNew =
      (await asService((tx) => tx.selectFrom('tracks').select('id').where('id', '=', idOf(name)).execute())).length ===
      0
    if (isNew) await stockTracks(database.db, [{ name, isReady: false }], server.clock)
    return await giveFile({ services: server.services, asService }, name, bytes)
  }

  /** A track that was bought, and its download under way. */
  async function begin(name: string) {
    const file = await stock(name)
    await asService((tx) =>
      tx
        .insertInto('purchases')
        .values({ user_id: userId, content_type: 'track', content_id: file.contentId })
        .execute(),
    )
    await desktop.call(library.refresh, {})
    const content = { contentType: 'track' as const, contentId: file.contentId }
    const { id } = await desktop.call(delivery.start, content)
    return { id, file }
  }

  async function reached(id: string, ...statuses: readonly string[]) {
    const began = performance.now()
    for (;;) {
      const { downloads } = await desktop.call(delivery.list, {})
      const download = downloads.find((one) => one.id === id)
      if (download !== undefined && statuses.includes(download.status)) return download
      if (performance.now() - began > STUCK_MS)
        throw new Error(`stuck as ${download?.status}, ${download?.reason?.code}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async function attemptsOf(contentId: string): Promise<string[]> {
    const rows = await asService((tx) =>
      tx.selectFrom('download_attempts').select('state').where('content_id', '=', contentId).execute(),
    )
    return rows.map(({ state }) => state)
  }

  /** The library holds a file with one of these hashes. */
  async function expectRight(...right: readonly string[]): Promise<void> {
    const folder = path.join(desktop.folder, 'Library')
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'))
    const hashes = await Promise.all(
      names.map(async (name) =>
        createHash('sha256')
          .update(await readFile(path.join(folder, name)))
          .digest('hex'),
      ),
    )
    expect(hashes.some((hash) => right.includes(hash))).toBe(true)
  }

  /** Once, before the next request for bytes goes on. */
  function beforeBytes(work: (head: string) => void | Promise<void>): void {
    let isDone = false
    faults.plan = {
      async heard(head) {
        if (isDone || !FILE.test(head)) return
        isDone = true
        await work(head)
      },
    }
  }

  /** The line is cut in the middle of the next bodies, so many times. */
  function cut(times: number, then: () => void): void {
    let left = times
    line.setPlans(() => faults.plan)
    const plan: LinePlan = {
      from: FILE,
      down: [{ at: MIDDLE / 10, does: 'cut' }],
      heard(head) {
        if (!FILE.test(head)) return
        left -= 1
        // A minute for the limits of the server.
        server.clock.advance(61_000)
        setTimeout(then, 30)
        if (left <= 0) faults.plan = null
      },
    }
    faults.plan = plan
  }

  /** Another network: every connection of the old one is gone. */
  function move(network: string): void {
    line.setNetwork(network)
    line.cutAll()
  }

  it('G1 case 40 (the session ends in the queue): renewed, the same attempt goes on', async () => {
    beforeBytes(() => server.clock.advance(2 * 3_600_000))
    const { id, file } = await begin('session ends')
    expect((await reached(id, 'done', 'failed')).status).toBe('done')
    await expectRight(file.sha256)
    expect(await attemptsOf(file.contentId)).toHaveLength(1)
  })

  it('G1 case 41 (the nonce is too old): one more try with a fresh one', async () => {
    beforeBytes(() => server.clock.advance(6 * 60_000))
    const { id, file } = await begin('nonce ends')
    expect((await reached(id, 'done', 'failed')).status).toBe('done')
    await expectRight(file.sha256)
    expect(await attemptsOf(file.contentId)).toHaveLength(1)
  })

  it('G1 case 42 (the token expires on its way): a new token of the same attempt', async () => {
    beforeBytes(() => server.clock.advance(200_000))
    const { id, file } = await begin('token expires')
    expect((await reached(id, 'done', 'failed')).status).toBe('done')
    await expectRight(file.sha256)
    expect(await attemptsOf(file.contentId)).toHaveLength(1)
  })

  it('G1 case 43 (something on the way sends the request twice): the file comes, and one attempt is spent', async () => {
    beforeBytes(async (head) => {
      const other = connect({ host: '127.0.0.1', port: Number(new URL(server.address).port) })
      other.write(head)
      await new Promise((resolve) => other.once('data', resolve))
      other.destroy()
    })
    const { id, file } = await begin('sent twice')
    const end = await reached(id, 'done', 'failed')
    expect({ status: end.status, code: end.reason?.code }).toEqual({ status: 'done', code: undefined })
    await expectRight(file.sha256)
    expect(await attemptsOf(file.contentId)).toHaveLength(1)
  })

  it('G1 case 44 (the network changes in the middle): rebound, resumed, no attempt spent', async () => {
    cut(1, () => move('127.0.0.2'))
    const { id, file } = await begin('network changes')
    expect((await reached(id, 'done', 'failed')).status).toBe('done')
    await expectRight(file.sha256)
    const attempts = await asService((tx) =>
      tx
        .selectFrom('download_attempts')
        .select(['state', 'rebinds'])
        .where('content_id', '=', file.contentId)
        .execute(),
    )
    expect(attempts).toHaveLength(1)
  })

  it('G1 case 25 (the file is replaced in the middle): one of the two comes whole, no part is joined', async () => {
    const next = seededRandom('replaced, the new file').bytes(SIZE)
    let replaced: Promise<unknown> | null = null
    faults.plan = {
      from: FILE,
      down: [{ at: MIDDLE, does: 'cut' }],
      async heard(head) {
        if (!FILE.test(head)) return
        if (replaced === null) replaced = stock('replaced', next)
        else faults.plan = null
        await replaced
      },
    }
    const { id, file } = await begin('replaced')
    expect((await reached(id, 'done', 'failed')).status).toBe('done')
    await expectRight(file.sha256, createHash('sha256').update(next).digest('hex'))
  })

  it('G1 case 45 (the network changes too often): a sign-in is asked for, the entry stays, then it goes on', async () => {
    let network = 2
    cut(40, () => {
      network = network === 9 ? 2 : network + 1
      move(`127.0.0.${network}`)
    })
    const { id, file } = await begin('too many networks')
    const asked = await reached(id, 'needs-sign-in', 'done', 'failed')
    expect(asked).toMatchObject({ status: 'needs-sign-in', reason: { code: 'rebind-limit' } })
    faults.plan = null
    await desktop.call(identity.signIn, { email: EMAIL, password: PASSWORD })
    const waiting = await reached(id, 'needs-sign-in', 'queued', 'preparing', 'downloading', 'verifying', 'done')
    if (waiting.status === 'needs-sign-in') await desktop.call(delivery.retry, { downloadId: id })
    expect((await reached(id, 'done', 'failed')).status).toBe('done')
    await expectRight(file.sha256)
    expect(await attemptsOf(file.contentId)).toHaveLength(1)
  })

  it('G1 case 47 (the purchase is refunded in the middle): the entry ends, no file, no part', async () => {
    faults.plan = {
      from: FILE,
      down: [{ at: MIDDLE, does: 'cut' }],
      async heard(head) {
        if (!FILE.test(head)) return
        const contentId = idOf('refunded')
        setTimeout(() => {
          void asService((tx) =>
            tx
              .updateTable('purchases')
              .set({ revoked_at: new Date(server.clock.now()) })
              .where('content_id', '=', contentId)
              .execute(),
          )
        }, 5)
      },
    }
    const { id, file } = await begin('refunded')
    const ended = await reached(id, 'ended', 'done', 'failed')
    expect(ended).toMatchObject({ status: 'ended', reason: { code: 'content-revoked' } })
    expect(await attemptsOf(file.contentId)).toHaveLength(1)
  })

  it('G1 case 46 (the device is removed in the middle): the stream ends, the part stays, the device is asked for', async () => {
    faults.plan = {
      from: FILE,
      down: [{ at: MIDDLE, does: 'cut' }],
      async heard(head) {
        if (!FILE.test(head)) return
        await asService((tx) =>
          tx
            .updateTable('devices')
            .set({ revoked_at: new Date(server.clock.now()) })
            .where('user_id', '=', userId)
            .execute(),
        )
      },
    }
    const { id } = await begin('device removed')
    const standing = await reached(id, 'needs-device', 'needs-sign-in', 'done', 'failed')
    expect(standing.status).toBe('needs-device')
  })
})
