import type { z } from 'zod'
import type { PackEntry } from '../../../contract/delivery.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import type { ContentFacts, FileFormat } from './content-facts.ts'
import { contentQuery, readContent, selectPackEntries } from './content-rows.ts'

/**
 * The facts of a content in any state, with its file of that format or else its master, read with the server's rights; null when there is
 * none of that type and id.
 */
export function contentFor(tx: ServerTransaction, ref: ContentRef, format?: FileFormat): Promise<ContentFacts | null> {
  return asServer(tx, async (serverTx) => readContent(ref, (await contentQuery(ref, format).execute(serverTx)).rows))
}

/** The files inside an album pack in order; null for a pack whose zip is not ready. Offsets and sizes are bytes. */
export function packEntriesFor(tx: ServerTransaction, packId: string): Promise<z.output<typeof PackEntry>[] | null> {
  return asServer(tx, (serverTx) => selectPackEntries(serverTx, packId))
}
