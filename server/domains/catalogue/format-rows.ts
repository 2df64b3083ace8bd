import { sql } from 'kysely'
import type { TrackFormat } from '../../../contract/catalogue.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'

/** What each of the tracks can be downloaded as, the master first. Sizes are bytes. */
export async function selectFormats(
  tx: PrivilegedTransaction,
  trackIds: readonly string[],
): Promise<ReadonlyMap<string, TrackFormat[]>> {
  const { rows } = await sql<{ id: string; formats: TrackFormat[] }>`
    select f.content_id as id, json_agg(json_build_object('format', f.format, 'sizeBytes', o.size_bytes, 'isMaster', f.is_master)
      order by f.is_master desc, f.format) as formats
    from content_files f join objects o on o.sha256 = f.object_sha256
    where f.content_type = 'track' and f.content_id = any(${[...trackIds]}::uuid[])
    group by f.content_id`.execute(tx)
  return new Map(rows.map(({ id, formats }) => [id, formats]))
}
