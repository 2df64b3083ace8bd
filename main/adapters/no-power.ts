import type { Power } from '../core/ports.ts'

/** A host that has no say over the computer's sleep. */
export const noPower: Power = {
  keepAwake: () => {},
  sleep: async () => false,
}
