import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import type { Database } from '../../server/db/database.ts'
import type { ServerTransaction } from '../../server/db/transaction.ts'

/** A file for sale. */
export interface Goods {
  readonly contentId: string
  readonly sha256: string
  readonly segmentRoot: string
  readonly sizeBytes: number
}

const SEGMENT_BYTES = 4 * 1024 * 1024
type InService = <T>(work: (tx: ServerTransaction) => Promise<T>) => Promise<T>

/** Opens the store of a checkout, with that checkout's own code: two versions may be measured after each other. */
export async function openStore(
  root: string,
  dataDir: string,
  databaseUrl: string | null,
): Promise<{ inService: InService; close(): Promise<void> }> {
  const engine = (await import(path.join(root, 'server/db/engine.ts'))) as typeof import('../../server/db/engine.ts')
  const transaction = (await import(
    path.join(root, 'server/db/transaction.ts')
  )) as typeof import('../../server/db/transaction.ts')
  const target =
    databaseUrl === null
      ? ({ kind: 'pglite', dataDir: path.join(dataDir, 'database') } as const)
      : ({ kind: 'postgres', url: databaseUrl, poolSize: 2 } as const)
  const { db, close } = await engine.openDatabase(target, { isLocal: true })
  return { inService: (work) => transaction.asCaller(db as Database, { role: 'service_role' }, work), close }
}

/** Writes one file of random bytes into the object store and gives it to `count` tracks; every account owns all of them. */
export async function stock(
  inService: InService,
  dataDir: string,
  { count, sizeBytes, userIds }: { count: number; sizeBytes: number; userIds: readonly string[] },
): Promise<Goods[]> {
  const [djId = ''] = userIds
  const object = await writeObject(path.join(dataDir, 'objects'), sizeBytes)
  const ids = Array.from({ length: count }, () => randomUUID())
  await inService(async (tx) => {
    await sql`insert into objects (sha256, key, size_bytes, mime_type, segment_size, segment_sha256, segment_root)
      values (${object.sha256}, ${`objects/${object.sha256}`}, ${sizeBytes}, 'audio/wav', ${SEGMENT_BYTES},
        ${object.segmentSha256}::text[], ${object.segmentRoot})`.execute(tx)
    await sql`insert into dj_profiles (user_id, dj_name, slug, status) values (${djId}, 'Load', 'load', 'approved') on conflict do nothing`.execute(
      tx,
    )
    await sql`insert into tracks (id, dj_id, title, price_minor, status, published_at, audio_format, file_key, sha256, file_size_bytes, mime_type)
      select id, ${djId}, 'Track', 4900, 'published', app.now(), 'wav', ${`objects/${object.sha256}`}, ${object.sha256}, ${sizeBytes}, 'audio/wav'
      from unnest(${ids}::uuid[]) as id`.execute(tx)
    await sql`insert into content_files (content_type, content_id, format, object_sha256, file_name)
      select 'track', id, 'wav', ${object.sha256}, 'track.wav' from unnest(${ids}::uuid[]) as id`.execute(tx)
    await sql`insert into purchases (user_id, content_type, content_id, amount_minor)
      select u, 'track', id, 4900 from unnest(${ids}::uuid[]) as id, unnest(${[...userIds]}::uuid[]) as u`.execute(tx)
    await sql`select 1`.execute(tx)
  })
  return ids.map((contentId) => ({
    contentId,
    sha256: object.sha256,
    segmentRoot: object.segmentRoot,
    sizeBytes,
  }))
}

async function writeObject(
  folder: string,
  sizeBytes: number,
): Promise<{ sha256: string; segmentSha256: string[]; segmentRoot: string }> {
  const whole = createHash('sha256')
  const segmentSha256: string[] = []
  await mkdir(folder, { recursive: true })
  const draft = path.join(folder, `.load-${randomUUID()}`)
  const file = await open(draft, 'w')
  for (let at = 0; at < sizeBytes; at += SEGMENT_BYTES) {
    const segment = randomBytes(Math.min(SEGMENT_BYTES, sizeBytes - at))
    whole.update(segment)
    segmentSha256.push(createHash('sha256').update(segment).digest('hex'))
    await file.write(segment)
  }
  await file.close()
  const sha256 = whole.digest('hex')
  const home = path.join(folder, sha256.slice(0, 2))
  await mkdir(home, { recursive: true })
  const { rename } = await import('node:fs/promises')
  await rename(draft, path.join(home, sha256))
  const segmentRoot = createHash('sha256')
    .update(Buffer.from(segmentSha256.join(''), 'hex'))
    .digest('hex')
  return { sha256, segmentSha256, segmentRoot }
}
