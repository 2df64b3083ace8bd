/** How long the line is measured, and from one measurement to the next, in ms. */
const PROBE_MS = 5_000
const EVERY_MS = 120_000
/** Bytes are counted by the second; in the first one connections are still speeding up. */
const STEP_MS = 1_000
/** Measurements that count; a line that became slower is believed after so many. */
const KEPT_PROBES = 2
/** The part of the seconds that were not faster than the estimate: single spikes do not count. */
const PERCENTILE = 0.8

/**
 * An estimate of what the line can carry. For five seconds of every two minutes in which something downloads nothing is held back, and the fast
 * seconds of the last two measurements count. It is what this computer got then from this server: where others use the line in those
 * seconds, or the server is slower than the line, the estimate is too low, and more than asked is left free.
 */
export interface Headroom {
  /** Counts bytes that came; the first ones after a measurement is due begin it: then the answer is true. `now` is monotonic, in ms, here and below. */
  note(bytes: number, now: number): boolean
  /** Whether the line is being measured, so that nothing may be held back. */
  isMeasuring(now: number): boolean
  /** The measurement under way says nothing: something else held the downloads back. */
  spoil(now: number): void
  /** Bytes per second; null before the first measurement. */
  capacity(now: number): number | null
}

interface Probe {
  readonly began: number
  readonly bytes: number[]
  isSpoilt: boolean
}

export function createHeadroom(): Headroom {
  const measured: number[][] = []
  let probe: Probe | null = null

  function begin(now: number): void {
    // After a pause it may be another line.
    if (probe !== null && now >= probe.began + 2 * EVERY_MS) measured.length = 0
    probe = { began: now, bytes: [], isSpoilt: false }
  }

  function finish(now: number): void {
    if (probe === null || now < probe.began + PROBE_MS || probe.bytes.length === 0) return
    const rates = probe.bytes.slice(1).filter((bytes) => bytes > 0)
    if (!probe.isSpoilt && rates.length > 0) measured.unshift(rates.map((bytes) => (bytes * 1000) / STEP_MS))
    measured.splice(KEPT_PROBES)
    probe.bytes.length = 0
  }

  function isMeasuring(now: number): boolean {
    return probe !== null && now < probe.began + PROBE_MS
  }

  return {
    note(bytes, now) {
      finish(now)
      const isDue = probe === null || now >= probe.began + EVERY_MS
      if (isDue) begin(now)
      if (probe !== null && isMeasuring(now)) {
        const step = Math.floor((now - probe.began) / STEP_MS)
        probe.bytes[step] = (probe.bytes[step] ?? 0) + bytes
      }
      return isDue
    },
    isMeasuring,
    spoil(now) {
      if (probe !== null && isMeasuring(now)) probe.isSpoilt = true
    },
    capacity(now) {
      finish(now)
      const rates = measured.flat().sort((a, b) => a - b)
      return rates[Math.ceil(rates.length * PERCENTILE) - 1] ?? null
    },
  }
}
