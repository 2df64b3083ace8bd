import { sql } from 'kysely'
import { objectKey } from '../../server/adapters/object-key.ts'
import type { Database } from '../../server/db/database.ts'
import { asCaller, type ServerTransaction } from '../../server/db/transaction.ts'
import { SERVICE, seedPeople } from '../../tests/_kit/people.ts'
import { handClock, stockTracks } from '../../tests/_kit/shop.ts'
import type { SourceFile } from './source-file.ts'

/** A file of the store and the track that it is. */
export interface ShopFile extends SourceFile {
  readonly name: string
  readonly trackId: string
}

/** Publishes a track for each file; `db` is the database's owner. The files lie in the object store already. */
export async function stock(db: Database, files: readonly ShopFile[]): Promise<void> {
  await seedPeople(db)
  const tracks = files.map(({ name }) => ({ name, isReady: false }))
  await stockTracks(db, tracks, handClock(Date.now()))
  await asCaller(db, SERVICE, async (tx) => {
    for (const file of files) await addFile(tx, file)
  })
}

async function addFile(tx: ServerTransaction, file: ShopFile): Promise<void> {
  const { trackId, name, sha256, sizeBytes, segmentSize, segmentSha256, segmentRoot } = file
  const key = objectKey(sha256)
  const facts = { sha256, key, size_bytes: sizeBytes, mime_type: 'audio/wav', segment_size: segmentSize }
  await tx
    .insertInto('objects')
    .values({ ...facts, segment_sha256: [...segmentSha256], segment_root: segmentRoot })
    .execute()
  await tx
    .updateTable('tracks')
    .set({ file_key: key, sha256, file_size_bytes: sizeBytes, mime_type: 'audio/wav' })
    .where('id', '=', trackId)
    .execute()
  const place = { content_type: 'track' as const, content_id: trackId, format: 'wav' }
  await tx
    .insertInto('content_files')
    .values({ ...place, object_sha256: sha256, file_name: `${name}.wav` })
    .execute()
}

/** Gives an account every file, as if it had bought them. */
export async function giveAll(db: Database, userId: string, files: readonly ShopFile[]): Promise<void> {
  const rows = files.map(({ trackId }) => ({ user_id: userId, content_type: 'track' as const, content_id: trackId }))
  await asCaller(db, SERVICE, (tx) => tx.insertInto('purchases').values(rows).execute())
}

/** What the server counted of an account's downloads: those it calls delivered, and the bytes it sent for them. */
export async function delivered(db: Database, userId: string): Promise<{ files: number; bytes: number }> {
  const rows = await asCaller(db, SERVICE, (tx) =>
    tx.selectFrom('download_attempts').select(['state', 'bytes_served']).where('user_id', '=', userId).execute(),
  )
  return {
    files: rows.filter(({ state }) => state === 'delivered').length,
    bytes: rows.reduce((sum, { bytes_served }) => sum + Number(bytes_served), 0),
  }
}

/**
 * Lets every window of the rate limits begin at each hit: they are counted as always and never full. The limits are far below what is measured
 * here, because no person downloads at that rate.
 */
export async function liftRateLimits(db: Database): Promise<void> {
  await sql`create function public.forget_hits() returns trigger language plpgsql as 'begin new.hits := 1; return new; end'`.execute(
    db,
  )
  await sql`create trigger forget_hits before insert or update on public.rate_limits for each row execute function public.forget_hits()`.execute(
    db,
  )
}
