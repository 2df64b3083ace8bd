import { asServer, type ServerTransaction } from '../../db/transaction.ts'

/** An object that anybody may read. */
export interface PublicObject {
  readonly key: string
  readonly sizeBytes: number
  readonly mimeType: string
}

/** A cover, portrait, preview or waveform by its hash (hex); null for anything that is not public. */
export function publicObject(tx: ServerTransaction, sha256: string): Promise<PublicObject | null> {
  return asServer(tx, async (serverTx) => {
    const row = await serverTx
      .selectFrom('objects')
      .select(['key', 'size_bytes', 'mime_type'])
      .where('sha256', '=', sha256)
      .where('is_public', '=', true)
      .executeTakeFirst()
    return row === undefined ? null : { key: row.key, sizeBytes: Number(row.size_bytes), mimeType: row.mime_type }
  })
}
