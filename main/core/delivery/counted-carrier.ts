import type { Carrier } from './bytes/carrier.ts'

/** The same carrier, which tells `note` of all bytes that it brings. */
export function countedCarrier(carrier: Carrier, note: (bytes: number) => void): Carrier {
  return {
    carry(job, pace, { head, bytes, segment }, signal) {
      const heard = {
        head,
        segment,
        bytes(count: number, next: number) {
          note(count)
          bytes(count, next)
        },
      }
      return carrier.carry(job, pace, heard, signal)
    },
    close: () => carrier.close(),
  }
}
