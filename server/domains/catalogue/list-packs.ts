import type { Parsed } from '../../../contract/call.ts'
import type { catalogue } from '../../../contract/catalogue.ts'
import type { Needs } from '../../context.ts'
import { selectPackPage } from './pack-rows.ts'
import { cutPage } from './page-order-rows.ts'
import { readSearch } from './search-rows.ts'
import { toPacks } from './summaries.ts'
import { NEWEST } from './track-order-rows.ts'

export async function listPacks(
  { tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>,
  { query, cursor, limit }: Parsed<typeof catalogue.listPacks>,
) {
  const search = await readSearch(tx, 'album_packs', query)
  const page = cutPage(await selectPackPage(tx, { search }, NEWEST, { cursor, limit }), limit, NEWEST)
  const items = await toPacks(tx, { userId: caller.userId, now: clock.now() }, page.rows)
  return { items, nextCursor: page.nextCursor }
}
