import type { DatabaseSync } from 'node:sqlite'
import { type ContentRef, ContentType } from '../../../contract/values.ts'
import type { SizedDownload } from './space-rules.ts'

/**
 * What is to come of the queue by itself or by the user's hand; what failed is not. What the store has not told a size of yet has that of the
 * list of what is owned, and null where that does not say.
 */
export function listToCome(db: DatabaseSync): (SizedDownload & { readonly id: string })[] {
  return db
    .prepare(
      `select d.id, d.content_type, d.received_bytes, coalesce(d.total_bytes, (
         select coalesce(json_extract(json, '$.pack.sizeBytes'), json_extract(json, '$.track.sizeBytes')) from owned o
         where o.content_type = d.content_type and o.content_id = d.content_id)) as size, d.content_id
       from downloads d where d.status not in ('done', 'cancelled', 'ended', 'failed')`,
    )
    .all()
    .map((row) => ({
      id: String(row['id']),
      content: { contentType: ContentType.parse(row['content_type']), contentId: String(row['content_id']) },
      receivedBytes: Number(row['received_bytes']),
      totalBytes: typeof row['size'] === 'number' ? row['size'] : null,
    }))
}

/** The words of something owned by the list that the server gave last; empty ones where it is not in it. */
export function findOwnedWords(
  db: DatabaseSync,
  { contentType, contentId }: ContentRef,
): { title: string; artist: string; cover: string | null } {
  const words = db
    .prepare(
      `select json_extract(json, '$.title') as title,
              coalesce(json_extract(json, '$.track.artist'), json_extract(json, '$.pack.dj.name')) as artist,
              coalesce(json_extract(json, '$.track.cover'), json_extract(json, '$.pack.cover')) as cover
       from owned where content_type = ? and content_id = ?`,
    )
    .get(contentType, contentId)
  const text = (name: string) => (typeof words?.[name] === 'string' ? words[name] : null)
  return { title: text('title') ?? '', artist: text('artist') ?? '', cover: text('cover') }
}
