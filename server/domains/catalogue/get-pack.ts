import type { Parsed } from '../../../contract/call.ts'
import type { catalogue } from '../../../contract/catalogue.ts'
import { AppError } from '../../../contract/errors.ts'
import type { Needs } from '../../context.ts'
import { selectPackTexts } from './pack-rows.ts'
import { packsById, tracksOfPacks } from './summaries.ts'

/** What row level security shows is what exists: the store's packs, the caller's own, and what the caller bought. */
export async function getPack(
  { tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>,
  { packId }: Parsed<typeof catalogue.getPack>,
) {
  const viewer = { userId: caller.userId, now: clock.now() }
  const texts = await selectPackTexts(tx, packId)
  const pack = texts && (await packsById(tx, viewer, [packId])).get(packId)
  if (texts === undefined || pack === undefined) throw new AppError('not-found', 'There is no such pack.')
  const tracks = (await tracksOfPacks(tx, viewer, [packId])).get(packId) ?? []
  return { ...pack, description: texts.description, tracks }
}
