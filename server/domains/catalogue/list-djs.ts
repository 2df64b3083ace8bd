import type { Parsed } from '../../../contract/call.ts'
import type { catalogue } from '../../../contract/catalogue.ts'
import type { Needs } from '../../context.ts'
import { BY_NAME, selectDjPage } from './dj-rows.ts'
import { cutPage } from './page-order-rows.ts'
import { toDj } from './summaries.ts'

export async function listDjs({ tx }: Needs<'tx'>, { query, cursor, limit }: Parsed<typeof catalogue.listDjs>) {
  const page = cutPage(await selectDjPage(tx, query, { cursor, limit }), limit, BY_NAME)
  return {
    items: page.rows.map((row) => ({ ...toDj(row), trackCount: row.track_count })),
    nextCursor: page.nextCursor,
  }
}
