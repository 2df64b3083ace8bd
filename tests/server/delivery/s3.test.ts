import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openS3ObjectStore } from '../../../server/adapters/object-store-s3.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { type S3Stub, startS3Stub } from '../../_kit/s3-stub.ts'
import { stockTracks } from '../../_kit/shop.ts'
import {
  addDevice,
  buy,
  type DeliveryServer,
  giveFile,
  type StoredFile,
  startDeliveryServer,
} from './delivery-server.ts'
import { codeOf, get, init, tokenFor } from './listener.ts'

const ANA = { who: 'ana', device: 'laptop' } as const

describeEachEngine(
  'delivery from a private bucket',
  (openDatabase) => {
    let stub: S3Stub
    let server: DeliveryServer
    let file: StoredFile
    beforeAll(async () => {
      const { db } = await openDatabase()
      await seedPeople(db)
      stub = await startS3Stub()
      server = await startDeliveryServer(db, { wrapObjects: () => openS3ObjectStore(stub) })
      await stockTracks(db, [{ name: 'song', isReady: false }], server.clock)
      file = await giveFile(server, 'song', randomBytes(3_000_000))
      await addDevice(server, 'ana', 'laptop')
      await buy(server, 'ana', 'song')
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
      await stub[Symbol.asyncDispose]()
    })

    test('R-MM-49: the bytes come through the server; no answer names the bucket', async () => {
      const granted = await init(server, ANA, file, { want: [[1_000_000, 2_999_999]] })
      const part = await get(server, ANA, granted.body.tokens[0]?.token ?? '', { range: [1_000_000, 2_999_999] })
      expect([part.status, part.body.equals(file.bytes.subarray(1_000_000))]).toEqual([206, true])
      const told = JSON.stringify([granted.body, granted.headers, part.headers])
      expect(told).not.toContain(new URL(stub.endpoint).host)
      expect(told).not.toContain(stub.bucket)
    })

    test('R-MM-52: while the bucket is down init and file answer 503, and the token stays', async () => {
      const { token } = await tokenFor(server, ANA, file)
      stub.outage = 503
      expect((await init(server, ANA, file)).body.code).toBe('storage-unavailable')
      expect(codeOf(await get(server, ANA, token))).toBe('storage-unavailable')
      stub.outage = null
      expect((await get(server, ANA, token)).body.equals(file.bytes)).toBe(true)
    })
  },
  ['PGlite'],
)
