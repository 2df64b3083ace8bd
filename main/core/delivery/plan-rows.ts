import type { DatabaseSync } from 'node:sqlite'
import { type ContentRef, ContentType } from '../../../contract/values.ts'

/** What is to come of the queue by itself or by the user's hand; what failed is not. */
export function listToCome(db: DatabaseSync): { id: string; content: ContentRef; totalBytes: number | null }[] {
  return db
    .prepare(
      `select id, content_type, content_id, total_bytes from downloads
       where status not in ('done', 'cancelled', 'ended', 'failed') order by position`,
    )
    .all()
    .map((row) => ({
      id: String(row['id']),
      content: { contentType: ContentType.parse(row['content_type']), contentId: String(row['content_id']) },
      totalBytes: row['total_bytes'] === null ? null : Number(row['total_bytes']),
    }))
}

/** Bytes of something owned by the list that the server gave last; null where it does not say. */
export function findOwnedSize(db: DatabaseSync, { contentType, contentId }: ContentRef): number | null {
  const size = db
    .prepare(
      `select coalesce(json_extract(json, '$.pack.sizeBytes'), json_extract(json, '$.track.sizeBytes')) as size
       from owned where content_type = ? and content_id = ?`,
    )
    .get(contentType, contentId)?.['size']
  return typeof size === 'number' ? size : null
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
