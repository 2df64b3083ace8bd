import { asCaller, type ServerTransaction } from '../db/transaction.ts'
import type { Catalogue, CatalogueFanUpload, CatalogueTrack } from '../seed/catalogue.ts'
import { GENRES } from '../seed/genres.ts'
import type { ServerServices } from '../services.ts'
import { arrivalTimes, USUAL_PACE } from './arrival-times.ts'
import { declareContent, declareDj, declareGenre, declarePackTracks, declarePlan, setArrivals } from './rows.ts'

/** Hours between one release and the next, so that the newest come first and dates look like a shop's. */
const HOURS_BETWEEN = 31
const HOUR_MS = 3_600_000

/** Puts all texts and prices of a catalogue into the store; files come later. Doing it again changes nothing but arrival times. */
export async function declareCatalogue(
  { db, clock }: Pick<ServerServices, 'db' | 'clock'>,
  catalogue: Catalogue,
  djIds: ReadonlyMap<string, string>,
): Promise<void> {
  const now = clock.now()
  await asCaller(db, { role: 'service_role' }, (tx) => declareAll(tx, catalogue, djIds, now), { clock })
}

async function declareAll(
  tx: ServerTransaction,
  { djs, tracks, packs, fanUploads, plans }: Catalogue,
  djIds: ReadonlyMap<string, string>,
  now: number,
): Promise<void> {
  const arrivals = arrivalTimes([...tracks, ...fanUploads], { now, pace: USUAL_PACE })
  const djIdOf = (slug: string): string => djIds.get(slug) ?? ''
  for (const [slug, { name }] of Object.entries(GENRES)) await declareGenre(tx, { slug, name })
  for (const { slug, djName, bio } of djs) await declareDj(tx, { userId: djIdOf(slug), name: djName, slug, bio })
  const declareSound = (
    kind: 'track' | 'fan',
    sound: CatalogueTrack | CatalogueFanUpload,
    place: number,
  ): Promise<void> => {
    const { id, title, description, priceMinor, bpm, key, seconds, format, genre } = sound
    return declareContent(tx, {
      ...{ kind, id, title, description, priceMinor, bpm, key, seconds, format },
      genreSlug: genre,
      isFanOnly: sound.kind === 'track' && sound.isFanOnly === true,
      djId: djIdOf(sound.dj.slug),
      publishedAt: now - (place + 1) * HOURS_BETWEEN * HOUR_MS,
      expectedAt: arrivals.get(id) ?? now,
    })
  }
  for (const [place, track] of tracks.entries()) await declareSound('track', track, place)
  for (const [place, upload] of fanUploads.entries()) await declareSound('fan', upload, place)
  for (const [place, { id, dj, title, description, priceMinor, tracks: inside }] of packs.entries()) {
    await declareContent(tx, {
      ...{ kind: 'album', id, title, description, priceMinor },
      djId: djIdOf(dj.slug),
      publishedAt: now - (place + 1) * 3 * HOURS_BETWEEN * HOUR_MS,
      expectedAt: Math.max(now, ...inside.map((track) => arrivals.get(track.id) ?? now)),
    })
    await declarePackTracks(
      tx,
      id,
      inside.map((track) => track.id),
    )
  }
  for (const { djSlug, ...plan } of plans) await declarePlan(tx, { ...plan, djId: djIdOf(djSlug) })
  await setArrivals(tx, arrivals)
}
