import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { asCaller } from '../db/transaction.ts'
import { type Catalogue, demoCatalogue } from '../seed/catalogue.ts'
import { fourTrackCatalogue } from '../seed/four-track-catalogue.ts'
import { renderCatalogue } from '../seed/render-pool.ts'
import type { ServerServices } from '../services.ts'
import { arrivalTimes } from './arrival-times.ts'
import { declareCatalogue } from './declare-catalogue.ts'
import { equipDemoPeople, signUpDemoPeople } from './demo-people.ts'
import { publishPicture, publishSound } from './publish-files.ts'
import { publishPack } from './publish-pack.ts'
import { type ContentKind, setArrivals } from './rows.ts'
import { findStoredParts, type StoredParts } from './stored-parts.ts'

export interface PublishOptions {
  readonly signal: AbortSignal
  /** Default: the catalogue that the configuration names. */
  readonly catalogue?: Catalogue
  /** Where rendered files are kept between starts. Default: `demo` in the data folder. */
  readonly cacheFolder?: string
  /** Told after every sound: how many of all sounds are downloadable. */
  readonly onProgress?: (ready: number, total: number) => void
}

/**
 * Fills a local store with its demo content: all texts, accounts and prices at once, then pictures, sounds and packs as they
 * are rendered; the store is usable meanwhile. What earlier starts published stays. Resolves when all is there or `signal` aborts.
 */
export async function publishDemo(services: ServerServices, options: PublishOptions): Promise<void> {
  const { config, log } = services
  const { signal, cacheFolder = path.join(config.dataDir, 'demo'), catalogue = catalogueOf(config.seed) } = options
  if (catalogue === null) return
  const djIds = await signUpDemoPeople(services, catalogue)
  await declareCatalogue(services, catalogue, djIds)
  await equipDemoPeople(services, catalogue, djIds)
  const stored = await findStoredParts(services)
  if (isComplete(catalogue, djIds, stored)) return
  await mkdir(cacheFolder, { recursive: true })
  const run = startRun(services, { ...options, catalogue, cacheFolder }, djIds, stored)
  await run.publishPacks()
  await renderCatalogue(
    catalogue,
    cacheFolder,
    {
      onPicture: run.onPicture,
      onSound: run.onSound,
      onFailure: (id, error) => log.error({ contentId: id, err: error }, 'demo content could not be made'),
    },
    signal,
  )
}

function catalogueOf(seed: ServerServices['config']['seed']): Catalogue | null {
  switch (seed) {
    case 'full':
      return demoCatalogue()
    case 'four-tracks':
      return fourTrackCatalogue()
    case 'none':
      return null
  }
}

function isComplete(
  { tracks, fanUploads, packs, djs }: Catalogue,
  djIds: ReadonlyMap<string, string>,
  stored: StoredParts,
): boolean {
  const sounding = [...tracks, ...fanUploads, ...packs]
  return (
    sounding.every(({ id }) => stored.sounds.has(id) && stored.pictures.has(id)) &&
    djs.every(({ id, slug }) => stored.pictures.has(djIds.get(slug) ?? id))
  )
}

/** What happens to the pictures and sounds of one start as they come. */
function startRun(
  services: ServerServices,
  { catalogue, cacheFolder, onProgress, signal }: PublishOptions & { catalogue: Catalogue; cacheFolder: string },
  djIds: ReadonlyMap<string, string>,
  stored: StoredParts,
) {
  const { db, clock } = services
  const { djs, tracks, fanUploads, packs } = catalogue
  const sounds = [...tracks, ...fanUploads]
  const ready = new Set(sounds.filter(({ id }) => stored.sounds.has(id)).map(({ id }) => id))
  const openPacks = new Set(packs.filter(({ id }) => !stored.sounds.has(id)))
  const startedAt = clock.now()
  let secondsMade = 0
  // Two workers report at once; packs and arrival times are everybody's, so one report is worked on at a time.
  let turn: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  const publishPacks = async (): Promise<void> => {
    for (const pack of openPacks) {
      if (signal.aborted || !pack.tracks.every(({ id }) => ready.has(id))) continue
      if (await publishPack(services, { id: pack.id, title: pack.title, artist: pack.dj.djName }, cacheFolder))
        openPacks.delete(pack)
    }
  }

  const tellArrivals = async (): Promise<void> => {
    const now = clock.now()
    const elapsed = (now - startedAt) / 1000
    if (secondsMade === 0 || elapsed <= 0) return
    const missing = sounds.filter(({ id }) => !ready.has(id))
    const arrivals = arrivalTimes(missing, { now, pace: secondsMade / elapsed })
    await asCaller(
      db,
      { role: 'service_role' },
      async (tx) => {
        await setArrivals(tx, 'track', arrivals)
        await setArrivals(tx, 'fan', arrivals)
      },
      { clock },
    )
  }

  return {
    publishPacks: () => inTurn(publishPacks),

    async onPicture(id: string, file: string): Promise<void> {
      const dj = djs.find((one) => one.id === id)
      const target =
        dj === undefined ? { kind: kindOf(catalogue, id), id } : { kind: 'dj' as const, id: djIds.get(dj.slug) ?? id }
      if (!stored.pictures.has(target.id) && !signal.aborted) await publishPicture(services, target, file)
    },

    async onSound(id: string, files: Parameters<typeof publishSound>[2]): Promise<void> {
      const sound = sounds.find((one) => one.id === id)
      if (sound === undefined || ready.has(id) || signal.aborted) return
      await publishSound(services, sound, files)
      await inTurn(async () => {
        ready.add(id)
        secondsMade += sound.seconds
        onProgress?.(ready.size, sounds.length)
        await publishPacks()
        await tellArrivals()
      })
    },
  }
}

function kindOf({ packs, fanUploads }: Catalogue, id: string): ContentKind {
  if (packs.some((pack) => pack.id === id)) return 'album'
  return fanUploads.some((upload) => upload.id === id) ? 'fan' : 'track'
}
