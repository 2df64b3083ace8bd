import type { Parsed } from '../../../contract/call.ts'
import type { catalogue } from '../../../contract/catalogue.ts'
import { AppError } from '../../../contract/errors.ts'
import type { Needs } from '../../context.ts'
import { selectDj, selectPlans } from './dj-rows.ts'
import { selectPackPage } from './pack-rows.ts'
import { toDj, toPacks, toTracks } from './summaries.ts'
import { NEWEST } from './track-order-rows.ts'
import { selectTrackPage } from './track-rows.ts'

/** How many of a DJ's tracks and packs the page carries; the rest is found with `listTracks`. */
const MOST_TRACKS = 100
const MOST_PACKS = 40

export async function getDj(
  { tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>,
  { slug }: Parsed<typeof catalogue.getDj>,
) {
  const viewer = { userId: caller.userId, now: clock.now() }
  const dj = await selectDj(tx, slug)
  if (dj === undefined) throw new AppError('not-found', 'There is no such DJ.')
  const tracks = await selectTrackPage(tx, { djSlug: slug, search: null, userId: null }, NEWEST, { limit: MOST_TRACKS })
  const packs = await selectPackPage(tx, { djId: dj.id }, NEWEST, { limit: MOST_PACKS })
  const plans = await selectPlans(tx, dj.id)
  return {
    ...toDj(dj),
    bio: dj.bio,
    trackCount: dj.track_count,
    tracks: await toTracks(tx, viewer, tracks.slice(0, MOST_TRACKS)),
    packs: await toPacks(tx, viewer, packs.slice(0, MOST_PACKS)),
    plans: plans.map((row) => ({
      plan: row.plan as 'basic' | 'pro' | 'super',
      price: { minor: Number(row.price_minor), currency: row.currency },
      periodDays: row.period_days,
      tracksQuota: row.tracks_quota,
      zipQuota: row.zip_quota,
      fanUploadsQuota: row.fan_uploads_quota,
    })),
  }
}
