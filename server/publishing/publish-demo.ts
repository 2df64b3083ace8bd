import { mkdir } from 'node:fs/promises'
import { type Catalogue, demoCatalogue } from '../seed/catalogue.ts'
import { fourTrackCatalogue } from '../seed/four-track-catalogue.ts'
import { renderCatalogue } from '../seed/render-pool.ts'
import type { ServerServices } from '../services.ts'
import { declareCatalogue } from './declare-catalogue.ts'
import { equipDemoPeople, signUpDemoPeople } from './demo-people.ts'
import { DemoRun } from './demo-run.ts'
import { findStoredParts, isSoundStored, type StoredParts } from './stored-parts.ts'

export interface PublishOptions {
  readonly signal: AbortSignal
  /** Default: the catalogue that the configuration names. */
  readonly catalogue?: Catalogue
  /** Where rendered files are kept between starts. Default: the configured folder. */
  readonly cacheFolder?: string
  /** Told when texts, prices and accounts are there: the store can be shown. */
  readonly onDeclared?: () => void
  /** Told after every sound: how many of all sounds are downloadable. */
  readonly onProgress?: (ready: number, total: number) => void
}

/**
 * Fills a local store with its demo content: all texts, accounts and prices at once, then pictures, sounds and packs as they
 * are rendered; the store is usable meanwhile. What earlier starts published stays. Resolves when all is there or `signal` aborts.
 */
export async function publishDemo(services: ServerServices, options: PublishOptions): Promise<void> {
  const { config } = services
  const { signal, onProgress } = options
  const { cacheFolder = config.demoCache, catalogue = catalogueOf(config.seed) } = options
  if (catalogue === null) return
  const people = await signUpDemoPeople(services, catalogue)
  const { djIds } = people
  await declareCatalogue(services, catalogue, djIds)
  await equipDemoPeople(services, catalogue, people)
  options.onDeclared?.()
  const stored = await findStoredParts(services)
  if (isComplete(catalogue, djIds, stored)) return
  await mkdir(cacheFolder, { recursive: true })
  const run = new DemoRun(services, { catalogue, djIds, stored, cacheFolder, signal, onProgress })
  await run.publishLeftPacks()
  await renderCatalogue(catalogue, cacheFolder, run, signal)
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
  return (
    [...tracks, ...fanUploads, ...packs].every((sold) => isSoundStored(stored, sold) && stored.pictures.has(sold.id)) &&
    djs.every(({ id, slug }) => stored.pictures.has(djIds.get(slug) ?? id))
  )
}
