import { sql } from 'kysely'
import { z } from 'zod'
import { PackEntry } from '../../../contract/delivery.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { PrivilegedTransaction, Statement } from '../../db/transaction.ts'
import type { ContentFacts, FileFormat, ObjectFacts } from './content-facts.ts'

export interface ContentRow {
  readonly dj_id: string
  readonly title: string
  readonly artist: string
  readonly status: ContentFacts['status']
  readonly is_in_store: boolean
  readonly is_ready: boolean
  readonly is_fan_only: boolean
  readonly price_minor: string
  readonly currency: string
  readonly attempt_limit: number
  readonly format: FileFormat | null
  readonly file_name: string | null
  readonly key: string | null
  readonly sha256: string
  readonly size_bytes: string
  readonly mime_type: string
  readonly segment_size: number
  readonly segment_sha256: string[]
  readonly segment_root: string | null
  readonly audio_sha256: string | null
}

const TABLES = { track: 'tracks', album: 'album_packs', fan: 'fan_uploads' } as const

/** Looks for a content with its file of a format; without a format, with its master. */
export function contentQuery({ contentType, contentId }: ContentRef, format?: FileFormat): Statement<ContentRow> {
  const isFanOnly = contentType === 'fan' ? sql`false` : sql`c.is_fan_only`
  return sql<ContentRow>`
    select c.dj_id, c.title, coalesce(c.artist_name, d.dj_name, '') as artist, c.status, c.is_ready, ${isFanOnly} as is_fan_only,
      (c.status = 'published' and d.status is not distinct from 'approved') as is_in_store,
      c.price_minor, c.currency, c.attempt_limit, f.format, f.file_name, o.key, o.sha256, o.size_bytes, o.mime_type, o.segment_size,
      o.segment_sha256, o.segment_root, o.audio_sha256
    from ${sql.table(TABLES[contentType])} c
    left join dj_profiles d on d.user_id = c.dj_id
    left join content_files f on f.content_type = ${contentType} and f.content_id = c.id
      and ${format === undefined ? sql`f.is_master` : sql`f.format = ${format}`}
    left join objects o on o.sha256 = f.object_sha256
    where c.id = ${contentId}`
}

/** What the rows of `contentQuery` say; null when there is no such content. */
export function readContent(ref: ContentRef, [row]: readonly ContentRow[]): ContentFacts | null {
  return row === undefined ? null : toFacts(ref, row)
}

function toFacts({ contentType, contentId }: ContentRef, row: ContentRow): ContentFacts {
  const object = row.is_ready ? toObject(row) : null
  return {
    ref: { contentType, contentId },
    djId: row.dj_id,
    title: row.title,
    artist: row.artist,
    status: row.status,
    isInStore: row.is_in_store,
    isReady: row.is_ready,
    isFanOnly: row.is_fan_only,
    price: { minor: Number(row.price_minor), currency: row.currency },
    attemptLimit: row.attempt_limit,
    object,
  }
}

function toObject(row: ContentRow): ObjectFacts | null {
  if (row.format === null || row.key === null || row.file_name === null || row.segment_root === null) return null
  return {
    format: row.format,
    sha256: row.sha256,
    key: row.key,
    sizeBytes: Number(row.size_bytes),
    mimeType: row.mime_type,
    segmentSize: row.segment_size,
    segmentSha256: row.segment_sha256,
    segmentRoot: row.segment_root,
    audioSha256: row.audio_sha256,
    fileName: row.file_name,
  }
}

const Entries = z.array(PackEntry)

export async function selectPackEntries(
  tx: PrivilegedTransaction,
  packId: string,
): Promise<z.output<typeof Entries> | null> {
  const { rows } = await sql<{ entries: unknown }>`
    select o.entries from content_files f join objects o on o.sha256 = f.object_sha256
    where f.content_type = 'album' and f.content_id = ${packId} and f.is_master and o.entries is not null`.execute(tx)
  const [row] = rows
  return row === undefined ? null : Entries.parse(row.entries)
}
