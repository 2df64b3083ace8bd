import { createDelivery } from './delivery/delivery.ts'
import { deliveryMigrations } from './delivery/migrations.ts'
import type { FeatureSet } from './features.ts'
import { createLibrary } from './library/library.ts'
import { libraryMigrations } from './library/migrations.ts'

/** Downloads, library and crates, joined: the one place where they meet the frame of the core. */
export const featureSet: FeatureSet = {
  migrations: [...deliveryMigrations, ...libraryMigrations],
  create(needs) {
    const { log, settings } = needs
    const library = createLibrary(needs)
    const delivery = createDelivery(needs)
    return {
      handlers: { delivery: delivery.handlers, library: library.handlers, crates: {} },
      openTrack: library.openTrack,
      bought(items) {
        library.refresh().catch((error: unknown) => log.info({ error }, 'the library could not be refreshed'))
        if (settings.get().downloadAfterPurchase) for (const item of items) delivery.start(item)
      },
      close: delivery.close,
    }
  },
}
