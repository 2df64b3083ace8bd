import { AppError } from '../../contract/errors.ts'
import type { FeatureSet } from './features.ts'

/** Downloads, library and crates, joined: the one place where they meet the frame of the core. */
export const featureSet: FeatureSet = {
  migrations: [],
  create: () => ({
    handlers: { delivery: {}, library: {}, crates: {} },
    openTrack: async () => {
      throw new AppError('not-on-this-disk')
    },
    bought: () => {},
    close: async () => {},
  }),
}
