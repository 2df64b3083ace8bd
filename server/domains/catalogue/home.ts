import type { Needs } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { selectDjPage } from './dj-rows.ts'
import { selectGenres } from './genre-rows.ts'
import { selectPackPage } from './pack-rows.ts'
import { toDj, toPacks, toTracks, tracksById } from './summaries.ts'
import { NEWEST } from './track-order-rows.ts'
import { selectChart, selectTrackPage } from './track-rows.ts'

const NEW_RELEASES = 18
const CHART = 10
const PACKS = 8
const DJS = 16

export async function home({ tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>) {
  const viewer = { userId: caller.userId, now: clock.now() }
  const newest = await selectTrackPage(tx, { search: null, userId: null }, NEWEST, { limit: NEW_RELEASES })
  const packs = await selectPackPage(tx, {}, NEWEST, { limit: PACKS })
  const chart = await asServer(tx, (serverTx) => selectChart(serverTx, CHART))
  const djs = await selectDjPage(tx, undefined, { limit: DJS })
  return {
    newReleases: await toTracks(tx, viewer, newest.slice(0, NEW_RELEASES)),
    chart: [...(await tracksById(tx, viewer, chart)).values()],
    packs: await toPacks(tx, viewer, packs.slice(0, PACKS)),
    djs: djs.slice(0, DJS).map(toDj),
    genres: await selectGenres(tx),
  }
}
