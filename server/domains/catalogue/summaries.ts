import type { DjSummary, PackSummary, TrackFormat, TrackSummary } from '../../../contract/catalogue.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import { accessOf } from './access-rules.ts'
import { type JudgedContent, rightsFor } from './caller-rights.ts'
import type { DjColumns } from './dj-rows.ts'
import { selectFormats } from './format-rows.ts'
import { type PackRow, selectPacks, selectPackTracks } from './pack-rows.ts'
import { readyInSeconds } from './rules.ts'
import { selectTracks, type TrackRow } from './track-rows.ts'

/** Who looks, and when (ms). */
export interface Viewer {
  readonly userId: string | null
  readonly now: number
}

/** Rows as the store shows them to `viewer`, in their order; one statement finds the access to all of them, one the formats. */
export async function toTracks(
  tx: ServerTransaction,
  viewer: Viewer,
  rows: readonly TrackRow[],
): Promise<TrackSummary[]> {
  const judged = rows.map((row) => judgedAs('track', row))
  const rightsTo = await rightsFor(tx, viewer.userId, judged)
  const ready = rows.flatMap(({ id, is_ready }) => (is_ready ? [id] : []))
  const formats = ready.length === 0 ? NO_FORMATS : await asServer(tx, (serverTx) => selectFormats(serverTx, ready))
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    artist: row.artist_name ?? row.dj_name,
    dj: toDj(row),
    genre: row.genre_slug === null ? null : { slug: row.genre_slug, name: row.genre_name ?? row.genre_slug },
    bpm: row.bpm === null ? null : Number(row.bpm),
    key: row.musical_key,
    durationSeconds: row.duration_seconds,
    price: { minor: Number(row.price_minor), currency: row.currency },
    format: row.audio_format,
    sizeBytes: row.file_size_bytes === null ? null : Number(row.file_size_bytes),
    formats: formats.get(row.id) ?? [],
    isFanOnly: row.is_fan_only,
    cover: row.cover_url,
    preview: row.preview_key,
    peaks: row.peaks_key,
    publishedAt: row.published_at?.toISOString() ?? null,
    isReady: row.is_ready,
    readyInSeconds: readyInSeconds(row.is_ready, row.expected_at?.getTime() ?? null, viewer.now),
    access: accessOf(rightsTo(judgedAs('track', row)), 'track', viewer.now),
  }))
}

const NO_FORMATS: ReadonlyMap<string, TrackFormat[]> = new Map()

export async function toPacks(tx: ServerTransaction, viewer: Viewer, rows: readonly PackRow[]): Promise<PackSummary[]> {
  const judged = rows.map((row) => judgedAs('album', row))
  const rightsTo = await rightsFor(tx, viewer.userId, judged)
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    dj: toDj(row),
    price: { minor: Number(row.price_minor), currency: row.currency },
    trackCount: row.track_count,
    durationSeconds: row.seconds,
    sizeBytes: row.file_size_bytes === null ? null : Number(row.file_size_bytes),
    isFanOnly: row.is_fan_only,
    cover: row.cover_url,
    isReady: row.is_ready,
    access: accessOf(rightsTo(judgedAs('album', row)), 'album', viewer.now),
  }))
}

export function toDj({ dj_id, dj_name, dj_slug, dj_portrait }: DjColumns): DjSummary {
  return { id: dj_id, name: dj_name, slug: dj_slug, portrait: dj_portrait }
}

/** Tracks by id, in any state and whoever their DJ is now: only for ids that the viewer may see. Unknown ids are left out. */
export async function tracksById(
  tx: ServerTransaction,
  viewer: Viewer,
  ids: readonly string[],
): Promise<Map<string, TrackSummary>> {
  const rows = await asServer(tx, (serverTx) => selectTracks(serverTx, ids))
  return new Map((await toTracks(tx, viewer, rows)).map((track) => [track.id, track]))
}

/** Packs by id, in any state and whoever their DJ is now: only for ids that the viewer may see. Unknown ids are left out. */
export async function packsById(
  tx: ServerTransaction,
  viewer: Viewer,
  ids: readonly string[],
): Promise<Map<string, PackSummary>> {
  const rows = await asServer(tx, (serverTx) => selectPacks(serverTx, ids))
  return new Map((await toPacks(tx, viewer, rows)).map((pack) => [pack.id, pack]))
}

/** The tracks of each pack, in order. */
export async function tracksOfPacks(
  tx: ServerTransaction,
  viewer: Viewer,
  packIds: readonly string[],
): Promise<Map<string, TrackSummary[]>> {
  const items = await asServer(tx, (serverTx) => selectPackTracks(serverTx, packIds))
  const tracks = await tracksById(tx, viewer, [...new Set(items.map(({ track_id }) => track_id))])
  const inPack = (packId: string): TrackSummary[] =>
    items.flatMap((item) => (item.album_pack_id === packId ? (tracks.get(item.track_id) ?? []) : []))
  return new Map(packIds.map((packId) => [packId, inPack(packId)]))
}

function judgedAs(
  contentType: 'track' | 'album',
  row: { id: string; dj_id: string; is_fan_only: boolean; is_in_store: boolean },
): JudgedContent {
  return { contentType, contentId: row.id, djId: row.dj_id, isFanOnly: row.is_fan_only, isInStore: row.is_in_store }
}
