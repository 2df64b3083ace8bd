import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { settleExpiredAttempts } from '../../../server/domains/delivery/public.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { stockTracks } from '../../_kit/shop.ts'
import { addDevice, buy, giveFile, startDeliveryServer } from './delivery-server.ts'
import { attemptRow, drain, fileRequest, open, tokenFor } from './listener.ts'
import { startProcess } from './start-process.ts'

const ANA = { who: 'ana', device: 'laptop' } as const
const MIB = 1024 * 1024

describeEachEngine(
  'a server process that is killed while it sends',
  (openDatabase) => {
    test('over-counts by at most 11 MiB a stream, and the job gives back what it had reserved', async () => {
      const database = await openDatabase()
      const { db } = database
      await seedPeople(db)
      await using server = await startDeliveryServer(db)
      await stockTracks(db, [{ name: 'song', isReady: false }], server.clock)
      const file = await giveFile(server, 'song', randomBytes(40 * MIB))
      await buy(server, 'ana', 'song')
      await addDevice(server, 'ana', 'laptop')
      await using doomed = await startProcess(database, server)
      const { token, attemptId } = await tokenFor(server, ANA, file)
      const response = await open(doomed.server, fileRequest(ANA, token))
      // Read some, then stand still until everything in between is full.
      let read = 0
      while (read < 3 * MIB) {
        await once(response, 'readable')
        read += (response.read() as Buffer | null)?.length ?? 0
      }
      let counted = -1
      const standsStill = async (): Promise<boolean> => {
        const before = counted
        counted = (await attemptRow(server, attemptId)).bytes_served
        return counted === before
      }
      await expect.poll(standsStill, { interval: 300 }).toBe(true)
      await doomed.kill()
      counted = (await attemptRow(server, attemptId)).bytes_served
      const { bytes, isCut } = await drain(response)
      expect(isCut).toBe(true)
      expect(counted).toBeGreaterThanOrEqual(read + bytes)
      expect(counted - read - bytes).toBeLessThanOrEqual(11 * MIB)
      server.clock.advance(16 * 60_000)
      await settleExpiredAttempts(db, server.clock)
      expect(await attemptRow(server, attemptId)).toMatchObject({
        state: 'active',
        bytes_reserved: 0,
        bytes_served: counted,
      })
    })
  },
  ['PostgreSQL'],
)
