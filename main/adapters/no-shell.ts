import type { Shell } from '../core/ports.ts'

/** A host without a desktop: the user follows links by hand and browses folders in the app. */
export const noShell: Shell = {
  openAddress: async () => false,
  showInFolder: async () => false,
  pickFolder: async () => undefined,
  notify: () => {},
}
