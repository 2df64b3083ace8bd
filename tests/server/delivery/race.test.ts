import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeEachEngine } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { stockTracks } from '../../_kit/shop.ts'
import { addDevice, buy, giveFile, startDeliveryServer } from './delivery-server.ts'
import { attemptRow, codeOf, get, tokenFor } from './listener.ts'
import { startProcess } from './start-process.ts'

const ANA = { who: 'ana', device: 'laptop' } as const
const ROUNDS = 20
const GETS = 200
const SIZE = 10_000
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describeEachEngine(
  'two server processes',
  (openDatabase) => {
    test(`R-MM-43: ${ROUNDS} rounds of ${GETS} parallel GETs with one token over two processes: each time one gets the bytes`, async () => {
      const database = await openDatabase()
      const { db } = database
      await seedPeople(db)
      await using server = await startDeliveryServer(db)
      await stockTracks(db, [{ name: 'song', isReady: false }], server.clock)
      const file = await giveFile(server, 'song', randomBytes(SIZE))
      await buy(server, 'ana', 'song')
      await addDevice(server, 'ana', 'laptop')
      await using one = await startProcess(database, server)
      await using two = await startProcess(database, server)
      let attempt = ''
      for (let round = 0; round < ROUNDS; round += 1) {
        // A pause after many refusals is not what is tested here.
        await server.asService((tx) => tx.deleteFrom('rate_limits').execute())
        const { token, attemptId } = await tokenFor(server, ANA, file)
        attempt = attemptId
        const answers = await Promise.all(
          Array.from({ length: GETS }, (_, index) => get((index % 2 === 0 ? one : two).server, ANA, token)),
        )
        const outcomes = answers.map((answer) => (answer.status === 200 ? sha256(answer.body) : codeOf(answer)))
        expect(outcomes.toSorted(), `round ${round}`).toEqual(
          [file.sha256, ...Array(GETS - 1).fill('token-used')].toSorted(),
        )
      }
      await expect.poll(async () => (await attemptRow(server, attempt)).bytes_reserved).toBe(0)
      expect((await attemptRow(server, attempt)).bytes_served).toBe(ROUNDS * SIZE)
    }, 300_000)
  },
  ['PostgreSQL'],
)
