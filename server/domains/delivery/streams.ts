import { asCaller, asServer } from '../../db/transaction.ts'
import type { ServerServices } from '../../services.ts'
import { selectWithdrawn } from './token-rows.ts'

/** Cuts the streams of this process whose attempt was closed elsewhere, or whose device, account or access was withdrawn. */
export async function endWithdrawnStreams({
  db,
  clock,
  streams,
}: Pick<ServerServices, 'db' | 'clock' | 'streams'>): Promise<void> {
  const open = streams.list()
  if (open.length === 0) return
  const tokenIds = open.map(({ tokenId }) => tokenId)
  const withdrawn = new Set(
    await asCaller(db, { role: 'anon' }, (tx) => asServer(tx, (server) => selectWithdrawn(server, tokenIds)), {
      clock,
    }),
  )
  for (const stream of open) if (withdrawn.has(stream.tokenId)) stream.end()
}
