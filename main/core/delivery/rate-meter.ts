const WINDOW_MS = 5_000
const SLOT_MS = 250

/** Bytes per second over the last five seconds. */
export interface RateMeter {
  add(bytes: number, now: number): void
  /** Null before anything was measured. `now` is on the monotonic clock, in milliseconds. */
  bytesPerSecond(now: number): number | null
}

export function createRateMeter(): RateMeter {
  let slots: { readonly at: number; bytes: number }[] = []
  let began: number | null = null
  return {
    add(bytes, now) {
      began ??= now
      const last = slots.at(-1)
      if (last !== undefined && now - last.at < SLOT_MS) last.bytes += bytes
      else slots.push({ at: now, bytes })
    },
    bytesPerSecond(now) {
      if (began === null) return null
      slots = slots.filter(({ at }) => now - at < WINDOW_MS)
      const span = Math.max(SLOT_MS, Math.min(WINDOW_MS, now - began))
      return Math.round((slots.reduce((sum, { bytes }) => sum + bytes, 0) * 1000) / span)
    },
  }
}
