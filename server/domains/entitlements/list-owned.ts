import type { Parsed } from '../../../contract/call.ts'
import type { entitlements } from '../../../contract/entitlements.ts'
import { type Needs, signedIn } from '../../context.ts'
import { fromCursor, packsById, toCursor, tracksById, tracksOfPacks } from '../catalogue/public.ts'
import type { OwnedRow } from './owned.ts'
import { selectOwned } from './rows.ts'

const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/

export async function listOwned(
  { tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>,
  { cursor, limit }: Parsed<typeof entitlements.listOwned>,
) {
  const { userId } = signedIn(caller)
  const viewer = { userId, now: clock.now() }
  const rows = await selectOwned(tx, userId, { end: readEnd(cursor), limit })
  const page = rows.slice(0, limit)
  const tracks = await tracksById(tx, viewer, idsOf(page, 'track'))
  const packs = await packsById(tx, viewer, idsOf(page, 'album'))
  const packTracks = await tracksOfPacks(tx, viewer, [...packs.keys()])
  return {
    items: page.map((row) => {
      const pack = row.content_type === 'album' ? packs.get(row.content_id) : undefined
      return {
        contentType: row.content_type,
        contentId: row.content_id,
        access: row.access,
        since: row.since.toISOString(),
        title: row.title,
        track: row.content_type === 'track' ? (tracks.get(row.content_id) ?? null) : null,
        pack: pack === undefined ? null : { ...pack, tracks: packTracks.get(pack.id) ?? [] },
      }
    }),
    nextCursor: rows.length > limit ? endOf(page) : null,
  }
}

function idsOf(rows: readonly OwnedRow[], contentType: OwnedRow['content_type']): string[] {
  return rows.flatMap((row) => (row.content_type === contentType ? [row.content_id] : []))
}

function readEnd(cursor: string | undefined) {
  if (cursor === undefined) return null
  const { key, id } = fromCursor(cursor, 'owned', MOMENT)
  return { since: key, contentId: id }
}

function endOf(page: readonly OwnedRow[]): string | null {
  const last = page.at(-1)
  return last === undefined ? null : toCursor({ sort: 'owned', late: 0, key: last.since_text, id: last.content_id })
}
