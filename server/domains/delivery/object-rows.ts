import { sql } from 'kysely'
import { z } from 'zod'
import { PackEntry } from '../../../contract/delivery.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import type { ObjectFacts } from '../catalogue/public.ts'

const Entries = z.array(PackEntry).nullable()

/** An object that attempts were opened for, whether or not a content still has it; null when it is unknown or unfinished. */
export async function selectPinnedObject(
  tx: PrivilegedTransaction,
  sha256: string,
): Promise<{ object: Omit<ObjectFacts, 'fileName' | 'format'>; contents: z.infer<typeof Entries> } | null> {
  const { rows } = await sql<{
    key: string
    size_bytes: string
    mime_type: string
    segment_size: number
    segment_sha256: string[]
    segment_root: string | null
    audio_sha256: string | null
    entries: unknown
  }>`select key, size_bytes, mime_type, segment_size, segment_sha256, segment_root, audio_sha256, entries
    from objects where sha256 = ${sha256}`.execute(tx)
  const [row] = rows
  if (row === undefined || row.segment_root === null) return null
  return {
    object: {
      sha256,
      key: row.key,
      sizeBytes: Number(row.size_bytes),
      mimeType: row.mime_type,
      segmentSize: row.segment_size,
      segmentSha256: row.segment_sha256,
      segmentRoot: row.segment_root,
      audioSha256: row.audio_sha256,
    },
    contents: Entries.parse(row.entries),
  }
}
