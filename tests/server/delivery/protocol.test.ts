import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { delivery } from '../../../contract/delivery.ts'
import { identity } from '../../../contract/identity.ts'
import type { ByteRange } from '../../../contract/values.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { type DeviceClient, registeredClient, signInClient } from '../../_kit/device-client.ts'
import { SERVICE, seedPeople } from '../../_kit/people.ts'
import { stockTracks } from '../../_kit/shop.ts'
import { startTestServer, type TestServer } from '../../_kit/start-server.ts'
import { giveFile, type Stockable, type StoredFile } from './delivery-server.ts'

const SIZE = 9_000_000
const ACCOUNT = { email: 'listener@people.example', password: 'correct horse battery' }

describeEachEngine(
  'the delivery protocol of the whole server',
  (openDatabase) => {
    let server: TestServer
    let stock: Stockable
    let file: StoredFile
    let client: DeviceClient
    let other: DeviceClient

    beforeAll(async () => {
      const { db } = await openDatabase()
      await seedPeople(db)
      server = await startTestServer({ db })
      const { clock, services } = server
      stock = { services, asService: (work) => asCaller(db, SERVICE, work, { clock }) }
      await stockTracks(db, [{ name: 'song', isReady: false }], clock)
      file = await giveFile(stock, 'song', randomBytes(SIZE))
      client = await registeredClient(server.address, ACCOUNT)
      other = await registeredClient(server.address)
      for (const { userId } of [client, other])
        await stock.asService((tx) =>
          tx
            .insertInto('purchases')
            .values({ user_id: userId, content_type: 'track', content_id: file.contentId })
            .execute(),
        )
    })
    afterAll(() => server[Symbol.asyncDispose]())

    const init = (want: ByteRange[], listener = client) =>
      listener.call(delivery.init, { contentType: 'track', contentId: file.contentId, want })
    async function newToken(range: ByteRange = [0, 99]): Promise<string> {
      const { status, body } = await init([range])
      const [granted] = body.tokens
      if (granted === undefined) throw new Error(`init answered ${status} ${body.code}`)
      return granted.token
    }
    const get = (listener: DeviceClient, token: string, headers: Record<string, string> = {}, downloadToken = token) =>
      listener.request('GET', `/api/download/file?token=${token}`, {
        headers: { range: 'bytes=0-99', ...headers },
        downloadToken,
      })
    const codeOf = (body: Buffer): string | undefined => (JSON.parse(body.toString()) as { code?: string }).code

    test('R-MM-46: a signed-in, registered, entitled device gets the very file, part by part', async () => {
      const { body } = await init([
        [0, 4_194_303],
        [4_194_304, SIZE - 1],
      ])
      const parts = await Promise.all(
        body.tokens.map(({ token, range: [start, end] }) =>
          get(client, token, { range: `bytes=${start}-${end}`, 'if-match': body.object.etag }),
        ),
      )
      expect(parts.map(({ status }) => status)).toEqual([206, 206])
      expect(parts[0]?.headers['dpop-nonce']).toBeDefined()
      const whole = Buffer.concat(parts.map((part) => part.body))
      expect(createHash('sha256').update(whole).digest('hex')).toBe(file.sha256)
      const done = await client.call(delivery.complete, { attemptId: body.attempt.id, segmentRoot: file.segmentRoot })
      expect(done.body).toEqual({ state: 'delivered' })
    })

    test('R-MM-75: a token alone opens nothing: session, proof and its `dlt` are needed, and a refusal uses nothing', async () => {
      const token = await newToken()
      const bare = await fetch(`${server.address}/api/download/file?token=${token}`)
      expect([bare.status, bare.headers.get('content-type')]).toEqual([401, 'application/problem+json; charset=utf-8'])
      const proofless = await client.request('GET', `/api/download/file?token=${token}`, { isProofless: true })
      expect([proofless.status, codeOf(proofless.body)]).toEqual([401, 'invalid-dpop-proof'])
      const unbound = await client.request('GET', `/api/download/file?token=${token}`)
      expect([unbound.status, codeOf(unbound.body)]).toEqual([401, 'invalid-dpop-proof'])
      const another = await get(client, token, {}, await newToken())
      expect([another.status, codeOf(another.body)]).toEqual([401, 'invalid-dpop-proof'])
      const unregistered = await signInClient(server.address, { ...ACCOUNT, isNew: false })
      const stranger = await get(unregistered, token)
      expect([stranger.status, codeOf(stranger.body)]).toEqual([401, 'device-unknown'])
      const granted = await get(client, token)
      expect([granted.status, granted.body.equals(file.bytes.subarray(0, 100))]).toEqual([206, true])
    })

    test('R-MM-75: a copied token does not work on another registered device, used or not', async () => {
      const token = await newToken()
      const copied = await get(other, token)
      expect([copied.status, codeOf(copied.body)]).toEqual([403, 'token-wrong-device'])
      expect((await get(client, token)).status).toBe(206)
      const replayed = await get(other, token)
      expect([replayed.status, codeOf(replayed.body)]).toEqual([409, 'token-used'])
      const flags = await stock.asService((tx) =>
        tx.selectFrom('abuse_flags').select('kind').where('user_id', '=', other.userId).execute(),
      )
      expect(flags.map(({ kind }) => kind).sort()).toEqual(['device_mismatch', 'token_replay'])
    })

    test('R-MM-91: a forged X-Forwarded-For changes neither the address on record nor the lock', async () => {
      const token = await newToken()
      expect((await get(client, token, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(206)
      const used = await stock.asService((tx) =>
        tx.selectFrom('download_tokens').select('used_ip').where('used_at', 'is not', null).execute(),
      )
      expect(new Set(used.map(({ used_ip }) => used_ip?.split('/')[0]))).toEqual(new Set(['127.0.0.1']))
    })

    test('R-MM-49: a master is not reachable by any other address, nor by its key', async () => {
      for (const path of [
        `/media/preview/${file.sha256}`,
        `/media/cover/${file.sha256}`,
        `/objects/${file.sha256}`,
        `/media/objects/${file.sha256}`,
      ]) {
        const answer = await fetch(server.address + path)
        expect([path, answer.status]).toEqual([path, 404])
      }
    })

    test('R-MM-50: nothing the server logs holds a token', async () => {
      const token = await newToken()
      await get(client, token)
      await get(client, token)
      await get(other, token)
      expect(server.log()).toContain('/api/download/file')
      expect(server.log()).not.toContain(token)
    })

    test('a removed device gets nothing any more', async () => {
      const token = await newToken()
      const manager = await registeredClient(server.address, { ...ACCOUNT, isNew: false })
      const deviceId = client.device?.id ?? ''
      expect((await manager.call(identity.revokeDevice, { deviceId })).status).toBe(200)
      const refused = await get(client, token)
      expect([401, 403]).toContain(refused.status)
      expect(['device-revoked', 'session-expired']).toContain(codeOf(refused.body))
      expect([401, 403]).toContain((await init([[0, 9]])).status)
    })
  },
  ['PGlite', 'PostgreSQL'],
)
