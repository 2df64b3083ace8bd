import type { Parsed } from '../../../contract/call.ts'
import type { catalogue } from '../../../contract/catalogue.ts'
import { AppError } from '../../../contract/errors.ts'
import type { Needs } from '../../context.ts'
import { selectPackPage } from './pack-rows.ts'
import { toPacks, toTracks, tracksById } from './summaries.ts'
import { NEWEST } from './track-order-rows.ts'
import { selectTrackPage, selectTrackTexts } from './track-rows.ts'

const MOST_PACKS = 12
const MORE_BY_DJ = 12

/** What row level security shows is what exists: the store's tracks, the caller's own, and what the caller bought. */
export async function getTrack(
  { tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>,
  { trackId }: Parsed<typeof catalogue.getTrack>,
) {
  const viewer = { userId: caller.userId, now: clock.now() }
  const texts = await selectTrackTexts(tx, trackId)
  const track = texts && (await tracksById(tx, viewer, [trackId])).get(trackId)
  if (texts === undefined || track === undefined) throw new AppError('not-found', 'There is no such track.')
  const packs = await selectPackPage(tx, { trackId }, NEWEST, { limit: MOST_PACKS })
  const ofDj = { djSlug: track.dj.slug, search: null, userId: null }
  const others = (await selectTrackPage(tx, ofDj, NEWEST, { limit: MORE_BY_DJ })).filter(({ id }) => id !== trackId)
  return {
    ...track,
    description: texts.description,
    attemptLimit: texts.attempt_limit,
    packs: await toPacks(tx, viewer, packs.slice(0, MOST_PACKS)),
    moreByDj: await toTracks(tx, viewer, others.slice(0, MORE_BY_DJ)),
  }
}
