import type { Parsed } from '../../../contract/call.ts'
import type { catalogue } from '../../../contract/catalogue.ts'
import type { Needs } from '../../context.ts'
import { cutPage } from './page-order-rows.ts'
import { readSearch } from './search-rows.ts'
import { toTracks } from './summaries.ts'
import { trackOrder } from './track-order-rows.ts'
import { countTracks, selectTrackPage } from './track-rows.ts'

export async function listTracks(
  { tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>,
  { sort, cursor, limit, ...filter }: Parsed<typeof catalogue.listTracks>,
) {
  const search = await readSearch(tx, 'tracks', filter.query)
  const conditions = { ...filter, search, userId: caller.userId }
  const order = trackOrder(sort, search)
  const page = cutPage(await selectTrackPage(tx, conditions, order, { cursor, limit }), limit, order)
  const items = await toTracks(tx, { userId: caller.userId, now: clock.now() }, page.rows)
  return { items, nextCursor: page.nextCursor, total: await countTracks(tx, conditions) }
}
