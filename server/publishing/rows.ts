import { sql } from 'kysely'
import type { z } from 'zod'
import type { PackEntry } from '../../contract/delivery.ts'
import type { ServerTransaction } from '../db/transaction.ts'
import type { StoredFile } from './store-file.ts'

const TABLES = { track: 'tracks', album: 'album_packs', fan: 'fan_uploads' } as const
export type ContentKind = keyof typeof TABLES

/** What a content is called and costs before it has a file. Prices in paise; moments in ms. */
export interface DeclaredContent {
  readonly kind: ContentKind
  readonly id: string
  readonly djId: string
  readonly title: string
  readonly description: string
  readonly priceMinor: number
  readonly publishedAt: number
  readonly expectedAt: number
  readonly isFanOnly?: boolean
  readonly bpm?: number
  readonly key?: string
  readonly genreSlug?: string
  readonly seconds?: number
  readonly format?: string
}

export async function declareGenre(tx: ServerTransaction, genre: { slug: string; name: string }): Promise<void> {
  await sql`insert into genres (slug, name) values (${genre.slug}, ${genre.name})
    on conflict (slug) do update set name = excluded.name where genres.name <> excluded.name`.execute(tx)
}

export async function declareDj(
  tx: ServerTransaction,
  dj: { userId: string; name: string; slug: string; bio: string },
): Promise<void> {
  await sql`insert into user_roles (user_id, role) values (${dj.userId}, 'dj') on conflict do nothing`.execute(tx)
  await sql`insert into dj_profiles (user_id, dj_name, slug, bio, status)
    values (${dj.userId}, ${dj.name}, ${dj.slug}, ${dj.bio}, 'approved')
    on conflict (user_id) do update set dj_name = excluded.dj_name, bio = excluded.bio
      where (dj_profiles.dj_name, dj_profiles.bio) is distinct from (excluded.dj_name, excluded.bio)`.execute(tx)
}

/** Puts a content into the store without its file. What is there stays as it is. */
export async function declareContent(tx: ServerTransaction, content: DeclaredContent): Promise<void> {
  const { kind, genreSlug } = content
  const columns: Record<string, unknown> = {
    id: content.id,
    dj_id: content.djId,
    title: content.title,
    description: content.description,
    price_minor: content.priceMinor,
    status: 'published',
    published_at: new Date(content.publishedAt),
    expected_at: new Date(content.expectedAt),
    ...(content.isFanOnly === undefined || kind === 'fan' ? {} : { is_fan_only: content.isFanOnly }),
    ...(content.bpm === undefined ? {} : { bpm: content.bpm }),
    ...(content.key === undefined ? {} : { musical_key: content.key }),
    ...(content.seconds === undefined ? {} : { duration_seconds: content.seconds }),
    ...(content.format === undefined || kind === 'album' ? {} : { audio_format: content.format }),
  }
  const names = Object.keys(columns).map((name) => sql.ref(name))
  const genre = genreSlug === undefined || kind === 'fan' ? null : genreSlug
  await sql`insert into ${sql.table(TABLES[kind])} (${sql.join(names)}${genre === null ? sql`` : sql`, genre_id`})
    values (${sql.join(Object.values(columns))}${genre === null ? sql`` : sql`, (select g.id from genres g where g.slug = ${genre})`})
    on conflict (id) do nothing`.execute(tx)
}

export async function declarePackTracks(
  tx: ServerTransaction,
  packId: string,
  trackIds: readonly string[],
): Promise<void> {
  for (const [position, trackId] of trackIds.entries())
    await sql`insert into album_pack_tracks (album_pack_id, track_id, position)
      values (${packId}, ${trackId}, ${position}) on conflict (album_pack_id, track_id) do nothing`.execute(tx)
}

export async function declarePlan(
  tx: ServerTransaction,
  plan: {
    id: string
    djId: string
    plan: string
    priceMinor: number
    tracksQuota: number
    zipQuota: number
    fanUploadsQuota: number
  },
): Promise<void> {
  await sql`insert into dj_plans (id, dj_id, plan, price_minor, tracks_quota, zip_quota, fan_uploads_quota)
    values (${plan.id}, ${plan.djId}, ${plan.plan}, ${plan.priceMinor}, ${plan.tracksQuota}, ${plan.zipQuota}, ${plan.fanUploadsQuota})
    on conflict do nothing`.execute(tx)
}

/** Says anew when files that are still missing should be there; not while another process says it. */
export async function setArrivals(tx: ServerTransaction, arrivals: ReadonlyMap<string, number>): Promise<void> {
  if (arrivals.size === 0) return
  const turn = await sql<{ isOurs: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('demo-arrivals')) as "isOurs"`.execute(tx)
  if (turn.rows[0]?.isOurs !== true) return
  const moments = [...arrivals.values()].map((moment) => new Date(moment).toISOString())
  for (const table of [TABLES.track, TABLES.fan])
    await sql`update ${sql.table(table)} c set expected_at = a.moment
      from unnest(${[...arrivals.keys()]}::uuid[], ${moments}::timestamptz[]) as a (id, moment)
      where c.id = a.id and c.file_key is null`.execute(tx)
}

/** Where the parts of a content are kept, as far as they were stored. */
export interface ContentState {
  readonly id: string
  readonly file_key: string | null
  readonly cover: string | null
  readonly preview: string | null
  readonly peaks: string | null
  /** Formats beside the master, each with its key. */
  readonly others: readonly { readonly format: string; readonly key: string }[]
}

export async function selectStates(tx: ServerTransaction): Promise<ContentState[]> {
  const { rows } = await sql<ContentState>`
    select s.*, coalesce((select json_agg(json_build_object('format', f.format, 'key', o.key))
      from content_files f join objects o on o.sha256 = f.object_sha256 where f.content_id = s.id and not f.is_master), '[]') as others
    from (select id, file_key, cover_url as cover, preview_key as preview, peaks_key as peaks from tracks
      union all select id, file_key, cover_url, preview_key, peaks_key from fan_uploads
      union all select id, file_key, cover_url, null, null from album_packs
      union all select user_id, null, portrait_url, null, null from dj_profiles) s`.execute(tx)
  return rows
}

export async function insertObject(
  tx: ServerTransaction,
  file: StoredFile,
  facts: { isPublic: boolean; audioSha256?: string | null; entries?: readonly z.output<typeof PackEntry>[] },
): Promise<void> {
  await tx
    .insertInto('objects')
    .values({
      sha256: file.sha256,
      key: file.key,
      size_bytes: file.sizeBytes,
      mime_type: file.mimeType,
      segment_size: file.segmentSize,
      segment_sha256: [...file.segmentSha256],
      segment_root: file.segmentRoot,
      audio_sha256: facts.audioSha256 ?? null,
      is_public: facts.isPublic,
      ...(facts.entries === undefined ? {} : { entries: JSON.stringify(facts.entries) }),
    })
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .execute()
}

/** Makes a stored file the one that buyers of a content get, in place of any before it. */
export async function setMaster(
  tx: ServerTransaction,
  content: { kind: ContentKind; id: string; format: string; fileName: string },
  file: StoredFile,
): Promise<void> {
  await sql`delete from content_files where content_type = ${content.kind}::content_type and content_id = ${content.id} and is_master
    and format <> ${content.format}`.execute(tx)
  await sql`insert into content_files (content_type, content_id, format, object_sha256, file_name)
    values (${content.kind}::content_type, ${content.id}, ${content.format}, ${file.sha256}, ${content.fileName})
    on conflict (content_type, content_id, format) do update
      set object_sha256 = excluded.object_sha256, file_name = excluded.file_name, is_master = true`.execute(tx)
  await sql`update ${sql.table(TABLES[content.kind])}
    set file_key = ${file.key}, sha256 = ${file.sha256}, file_size_bytes = ${file.sizeBytes}, mime_type = ${file.mimeType}
    where id = ${content.id}`.execute(tx)
}

/** Adds a stored file as one more format of a content, beside its master. */
export async function setFormat(
  tx: ServerTransaction,
  content: { kind: ContentKind; id: string; format: string; fileName: string },
  file: StoredFile,
): Promise<void> {
  await sql`insert into content_files (content_type, content_id, format, object_sha256, file_name, is_master)
    values (${content.kind}::content_type, ${content.id}, ${content.format}, ${file.sha256}, ${content.fileName}, false)
    on conflict (content_type, content_id, format) do update
      set object_sha256 = excluded.object_sha256, file_name = excluded.file_name where not content_files.is_master`.execute(
    tx,
  )
}

export async function setSounds(
  tx: ServerTransaction,
  kind: 'track' | 'fan',
  id: string,
  { preview, peaks }: { preview: string; peaks: string },
): Promise<void> {
  await sql`update ${sql.table(TABLES[kind])} set preview_key = ${preview}, peaks_key = ${peaks} where id = ${id}`.execute(
    tx,
  )
}

export async function setCover(tx: ServerTransaction, kind: ContentKind, id: string, cover: string): Promise<void> {
  await sql`update ${sql.table(TABLES[kind])} set cover_url = ${cover} where id = ${id}`.execute(tx)
}

export async function setPortrait(tx: ServerTransaction, userId: string, portrait: string): Promise<void> {
  await tx.updateTable('dj_profiles').set({ portrait_url: portrait }).where('user_id', '=', userId).execute()
}

export async function setZipReady(tx: ServerTransaction, packId: string): Promise<void> {
  await tx.updateTable('album_packs').set({ zip_state: 'ready' }).where('id', '=', packId).execute()
}

export interface TrackFile {
  readonly track_id: string
  readonly key: string
  readonly sha256: string
  readonly size_bytes: string
  readonly audio_sha256: string | null
  readonly format: string
  readonly title: string
  readonly artist: string
}

/** The files of a pack's tracks in order; null while one of them is missing. */
export async function selectTrackFiles(tx: ServerTransaction, packId: string): Promise<TrackFile[] | null> {
  const { rows } = await sql<TrackFile & { is_ready: boolean }>`
    select i.track_id, t.is_ready, o.key, o.sha256, o.size_bytes, o.audio_sha256, f.format, t.title,
      coalesce(t.artist_name, d.dj_name) as artist
    from album_pack_tracks i join tracks t on t.id = i.track_id join dj_profiles d on d.user_id = t.dj_id
    left join content_files f on f.content_type = 'track' and f.content_id = t.id and f.is_master
    left join objects o on o.sha256 = f.object_sha256
    where i.album_pack_id = ${packId} order by i.position`.execute(tx)
  return rows.length > 0 && rows.every((row) => row.is_ready && row.key !== null) ? rows : null
}

export async function addRole(tx: ServerTransaction, userId: string, role: 'admin'): Promise<void> {
  await tx
    .insertInto('user_roles')
    .values({ user_id: userId, role })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Owned from the first start on; one that was refunded since stays refunded. */
export async function giveContent(
  tx: ServerTransaction,
  gift: { userId: string; kind: ContentKind; contentId: string; priceMinor: number },
): Promise<void> {
  await sql`insert into purchases (user_id, content_type, content_id, amount_minor)
    values (${gift.userId}, ${gift.kind}::content_type, ${gift.contentId}, ${gift.priceMinor}) on conflict do nothing`.execute(
    tx,
  )
}

export async function giveGrant(
  tx: ServerTransaction,
  grant: { userId: string; fanUploadId: string; djId: string },
): Promise<void> {
  await sql`insert into fan_upload_entitlements (user_id, fan_upload_id, granted_by)
    values (${grant.userId}, ${grant.fanUploadId}, ${grant.djId}) on conflict do nothing`.execute(tx)
}

/** A running period of a DJ's plan with the plan's quotas; nothing where the account had any plan of that DJ. */
export async function givePlan(
  tx: ServerTransaction,
  plan: { userId: string; djId: string; plan: string; startedAt: number; expiresAt: number },
): Promise<void> {
  const startedAt = new Date(plan.startedAt).toISOString()
  const expiresAt = new Date(plan.expiresAt).toISOString()
  await sql`with started as (
      insert into dj_subscriptions (user_id, dj_id, plan, started_at, expires_at, tracks_quota, zip_quota, fan_uploads_quota)
      select ${plan.userId}::uuid, p.dj_id, p.plan, ${startedAt}::timestamptz, ${expiresAt.slice(0, 10)}::date,
        p.tracks_quota, p.zip_quota, p.fan_uploads_quota
      from dj_plans p where p.dj_id = ${plan.djId} and p.plan = ${plan.plan}
        and not exists (select from dj_subscriptions s where s.user_id = ${plan.userId}::uuid and s.dj_id = ${plan.djId})
      returning id)
    insert into subscription_usage (subscription_id, period_start, reset_at)
    select id, ${startedAt}::timestamptz, ${expiresAt}::timestamptz from started`.execute(tx)
}
