import { asCaller } from '../db/transaction.ts'
import type { Catalogue, CatalogueFanUpload, CataloguePack, CatalogueTrack } from '../seed/catalogue.ts'
import type { SoundFiles } from '../seed/render-cache.ts'
import type { RenderListener } from '../seed/render-pool.ts'
import type { ServerServices } from '../services.ts'
import { arrivalTimes } from './arrival-times.ts'
import { publishPicture, publishSound } from './publish-files.ts'
import { publishPack } from './publish-pack.ts'
import { type ContentKind, setArrivals } from './rows.ts'
import { isSoundStored, type StoredParts } from './stored-parts.ts'

export interface DemoRunOptions {
  readonly catalogue: Catalogue
  /** Account ids of the DJs by slug. */
  readonly djIds: ReadonlyMap<string, string>
  readonly stored: StoredParts
  readonly cacheFolder: string
  readonly signal: AbortSignal
  readonly onProgress?: ((ready: number, total: number) => void) | undefined
}

type RunServices = Pick<ServerServices, 'db' | 'clock' | 'objects' | 'log'>

/** Publishes what the renderer of one start reports: pictures, sounds, and each pack as soon as its last track is there. */
export class DemoRun implements RenderListener {
  readonly #services: RunServices
  readonly #options: DemoRunOptions
  readonly #sounds: readonly (CatalogueTrack | CatalogueFanUpload)[]
  readonly #ready: Set<string>
  readonly #openPacks: Set<CataloguePack>
  #soundsSince: number
  #secondsMade = 0
  /** Two workers report at once; packs and arrival times are everybody's, so one report is worked on at a time. */
  #turn: Promise<void> = Promise.resolve()

  constructor(services: RunServices, options: DemoRunOptions) {
    const { catalogue, stored } = options
    this.#services = services
    this.#options = options
    this.#sounds = [...catalogue.tracks, ...catalogue.fanUploads]
    this.#ready = new Set(this.#sounds.filter((sound) => isSoundStored(stored, sound)).map(({ id }) => id))
    this.#openPacks = new Set(catalogue.packs.filter(({ id }) => !stored.sounds.has(id)))
    this.#soundsSince = services.clock.now()
  }

  /** Packs whose tracks an earlier start published, before it ended. */
  async publishLeftPacks(): Promise<void> {
    await this.#inTurn(() => this.#publishPacks())
  }

  onPicture = async (id: string, file: string): Promise<void> => {
    const { catalogue, djIds, stored, signal } = this.#options
    const dj = catalogue.djs.find((one) => one.id === id)
    const target =
      dj === undefined ? { kind: kindOf(catalogue, id), id } : { kind: 'dj' as const, id: djIds.get(dj.slug) ?? id }
    if (signal.aborted || stored.pictures.has(target.id)) return
    await publishPicture(this.#services, target, file)
    this.#soundsSince = this.#services.clock.now()
  }

  onSound = async (id: string, files: SoundFiles): Promise<void> => {
    const sound = this.#sounds.find((one) => one.id === id)
    if (sound === undefined || this.#ready.has(id) || this.#options.signal.aborted) return
    await publishSound(this.#services, sound, files)
    await this.#inTurn(async () => {
      this.#ready.add(id)
      this.#secondsMade += sound.seconds
      this.#options.onProgress?.(this.#ready.size, this.#sounds.length)
      await this.#publishPacks()
      await this.#tellArrivals()
    })
  }

  onFailure = (id: string, error: Error): void => {
    this.#services.log.error({ contentId: id, err: error }, 'demo content could not be made')
  }

  async #publishPacks(): Promise<void> {
    for (const pack of this.#openPacks) {
      if (this.#options.signal.aborted || !pack.tracks.every(({ id }) => this.#ready.has(id))) continue
      const named = { id: pack.id, title: pack.title, artist: pack.dj.djName }
      if (await publishPack(this.#services, named, this.#options.cacheFolder)) this.#openPacks.delete(pack)
    }
  }

  /** Says anew when the rest should be there, from the pace so far. */
  async #tellArrivals(): Promise<void> {
    const { db, clock } = this.#services
    const now = clock.now()
    const elapsedSeconds = (now - this.#soundsSince) / 1000
    if (elapsedSeconds <= 0) return
    const missing = this.#sounds.filter(({ id }) => !this.#ready.has(id))
    const arrivals = arrivalTimes(missing, { now, pace: this.#secondsMade / elapsedSeconds })
    await asCaller(db, { role: 'service_role' }, (tx) => setArrivals(tx, arrivals), { clock })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}

function kindOf({ packs, fanUploads }: Catalogue, id: string): ContentKind {
  if (packs.some((pack) => pack.id === id)) return 'album'
  return fanUploads.some((upload) => upload.id === id) ? 'fan' : 'track'
}
