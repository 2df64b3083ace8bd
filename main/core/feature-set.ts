import type { ContentRef } from '../../contract/values.ts'
import { createCrates } from './crates/crates.ts'
import { cratesMigrations } from './crates/migrations.ts'
import { createDelivery } from './delivery/delivery.ts'
import { everythingMigrations } from './delivery/everything-migrations.ts'
import { deliveryMigrations } from './delivery/migrations.ts'
import type { FeatureSet } from './features.ts'
import { realDisk } from './library/disk.ts'
import { createLibrary } from './library/library.ts'
import { libraryMigrations } from './library/migrations.ts'

/** Downloads, library and crates, joined: the one place where they meet the frame of the core. */
export const featureSet: FeatureSet = {
  migrations: [...libraryMigrations, ...deliveryMigrations, ...everythingMigrations, ...cratesMigrations],
  create(needs) {
    const library = createLibrary(needs, realDisk, {
      download: (wanted) => delivery.again(wanted),
      findDrive: () => delivery.findDrive(),
    })
    const delivery = createDelivery(needs, {
      onArrived: () => crates.arrived(),
      refreshOwned: library.refresh,
      copyFolders: () => crates.waitingFolders(),
    })
    const crates = createCrates(needs, {
      download: delivery.start,
      again: delivery.again,
      findDrive: delivery.findDrive,
    })

    /** The names of what was bought stand in the list of what is owned: it is asked for first, and missed only when there is no answer. */
    async function learnAndQueue(items: readonly ContentRef[]): Promise<void> {
      const buyer = needs.accountOrNull()
      await library.refresh().catch((error: unknown) => needs.log.warn({ error }, 'the library could not be refreshed'))
      if (needs.accountOrNull() !== buyer || !needs.settings.get().downloadAfterPurchase) return
      for (const item of items) delivery.start(item)
    }

    return {
      handlers: { delivery: delivery.handlers, library: library.handlers, crates: crates.handlers },
      openTrack: library.openTrack,
      bought(items) {
        void learnAndQueue(items)
      },
      reconnect: delivery.reconnect,
      async close() {
        await delivery.close()
        await crates.close()
        await library.close()
      },
    }
  },
}
