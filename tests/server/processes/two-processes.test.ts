import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { delivery } from '../../../contract/delivery.ts'
import { createObjectStore } from '../../../server/adapters/object-store.ts'
import { hashObject } from '../../../server/audio/segment-hashes.ts'
import { type Database, openPostgres } from '../../../server/db/database.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { choosePort } from '../../../server/process/choose-port.ts'
import { freshPostgres } from '../../_kit/databases.ts'
import { type DeviceClient, registeredClient } from '../../_kit/device-client.ts'
import { SERVICE, seedPeople } from '../../_kit/people.ts'
import { type ProjectProcess, startProjectProcess } from '../../_kit/project-process.ts'
import { handClock, idOf, stockTracks } from '../../_kit/shop.ts'

const SIZE = 300_000
const TRACK = idOf('raced song')

/** `npm run server` with its own environment. */
const startServerProcess = (env: Readonly<Record<string, string>>): Promise<ProjectProcess> =>
  startProjectProcess(
    'server/main.ts',
    { MIXMINT_SERVER_PORT: '0', MIXMINT_SEED: 'none', ...env },
    /^MixMint server is ready: (\S+)$/,
  )

describe('two server processes on one PostgreSQL', () => {
  let folder: string
  let database: { url: string; drop(): Promise<void> }
  let db: Database
  let servers: ProjectProcess[]

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'mixmint-two-'))
    database = await freshPostgres()
    db = openPostgres(database.url, { max: 2 })
    await stock()
    const port = await choosePort({ host: '127.0.0.1', port: 0, file: path.join(folder, 'port') })
    const env = {
      DATABASE_URL: database.url,
      MIXMINT_DATA_DIR: folder,
      MIXMINT_PUBLIC_ORIGIN: `http://127.0.0.1:${port}`,
    }
    servers = [await startServerProcess({ ...env, MIXMINT_SERVER_PORT: String(port) }), await startServerProcess(env)]
  })
  afterAll(async () => {
    for (const server of servers ?? []) await server.stop()
    await db.destroy()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  /** One published track whose bytes are really in the store that both processes share. */
  async function stock(): Promise<void> {
    await seedPeople(db)
    const bytes = Buffer.alloc(SIZE, 'mixmint')
    const facts = await hashObject([bytes])
    const file = path.join(folder, 'raced')
    await writeFile(file, bytes)
    const key = `objects/${facts.sha256}`
    await createObjectStore({ kind: 'files', folder: path.join(folder, 'objects') }).putFile(key, file, {
      sha256: facts.sha256,
      sizeBytes: SIZE,
      mimeType: 'audio/mpeg',
    })
    await stockTracks(db, [{ name: 'raced song' }], handClock(Date.now()))
    await asCaller(db, SERVICE, async (tx) => {
      const object = {
        sha256: facts.sha256,
        key,
        size_bytes: SIZE,
        mime_type: 'audio/mpeg',
        segment_sha256: [...facts.segmentSha256],
        segment_root: facts.segmentRoot,
      }
      await tx.insertInto('objects').values(object).execute()
      await tx
        .updateTable('content_files')
        .set({ object_sha256: facts.sha256 })
        .where('content_id', '=', TRACK)
        .execute()
      await tx
        .updateTable('tracks')
        .set({ file_key: key, sha256: facts.sha256, file_size_bytes: SIZE })
        .where('id', '=', TRACK)
        .execute()
    })
  }

  async function owner(): Promise<DeviceClient> {
    const client = await registeredClient(servers[0]?.address ?? '')
    await asCaller(db, SERVICE, (tx) =>
      tx.insertInto('purchases').values({ user_id: client.userId, content_type: 'track', content_id: TRACK }).execute(),
    )
    return client
  }

  /** `count` requests at once with one token, every other one to the other process, all from `from`. */
  async function race(client: DeviceClient, count: number, from: string): Promise<number[]> {
    const { body } = await client.call(
      delivery.init,
      { contentType: 'track', contentId: TRACK, want: [[0, SIZE - 1]] },
      { from },
    )
    const downloadToken = body.tokens[0]?.token ?? ''
    const target = `/api/download/file?token=${downloadToken}`
    const answers = await Promise.all(
      Array.from({ length: count }, (_, n) =>
        client.request('GET', target, { downloadToken, from, via: servers[n % 2]?.address ?? '' }),
      ),
    )
    return answers.map(({ status }) => status)
  }

  test('R-MM-43: of parallel requests with one token to both processes exactly one gets the bytes', async () => {
    const rounds = Number(process.env['MIXMINT_RACE_ROUNDS'] ?? 3)
    const count = Number(process.env['MIXMINT_RACE_REQUESTS'] ?? 50)
    for (let round = 0; round < rounds; round += 1) {
      const statuses = await race(await owner(), count, `127.0.1.${10 + round}`)
      expect(statuses.filter((status) => status === 200 || status === 206)).toHaveLength(1)
      expect(statuses.filter((status) => ![200, 206, 409, 429].includes(status))).toEqual([])
    }
  })

  test('R-MM-53, R-MM-75: a limit holds across both processes and a restart of one', async () => {
    const guess = (n: number): Promise<Response> =>
      fetch(`${servers[n % 2]?.address}/auth/v1/token?grant_type=password`, {
        method: 'POST',
        headers: { apikey: 'sb_publishable_local', 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'somebody@people.example', password: `guess ${n}` }),
      })
    const before = await Promise.all(Array.from({ length: 6 }, (_, n) => guess(n)))
    expect(before.map(({ status }) => status)).toEqual(Array(6).fill(400))
    await servers[1]?.stop()
    servers[1] = await startServerProcess({
      DATABASE_URL: database.url,
      MIXMINT_DATA_DIR: folder,
      MIXMINT_PUBLIC_ORIGIN: servers[0]?.address ?? '',
    })
    const after = await Promise.all(Array.from({ length: 10 }, (_, n) => guess(n)))
    expect(after.filter(({ status }) => status === 400)).toHaveLength(4)
    const refused = after.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(6)
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('100 inits at once make one attempt', async () => {
    const client = await owner()
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const { body } = await client.call(
          delivery.init,
          { contentType: 'track', contentId: TRACK, want: [] },
          { from: '127.0.1.201', via: servers[n % 2]?.address ?? '' },
        )
        return body.attempt.id
      }),
    )
    expect(new Set(statuses).size).toBe(1)
  })

  test('a second server on one embedded database folder is refused with what to do', async () => {
    const own = path.join(folder, `own-${randomUUID()}`)
    const first = await startServerProcess({ MIXMINT_DATA_DIR: own })
    await expect(startServerProcess({ MIXMINT_DATA_DIR: own })).rejects.toThrow(
      /Another MixMint server uses .*MIXMINT_DATA_DIR/s,
    )
    await first.stop()
  })
})
