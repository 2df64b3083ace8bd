import { openPostgres } from '../../../server/db/database.ts'
import { handClock } from '../../_kit/shop.ts'
import { startDeliveryServer } from './delivery-server.ts'

// A server process of its own: started with a database, a store and the time, it tells its origin to its parent and ends with it.
const [url = '', objectsFolder = '', now = '0'] = process.argv.slice(2)
process.once('disconnect', () => process.exit())
const server = await startDeliveryServer(openPostgres(url, { max: 10 }), {
  clock: handClock(Number(now)),
  objectsFolder,
})
process.send?.(server.origin)
