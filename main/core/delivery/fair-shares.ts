/** How much may come at once after a pause: what the rate gives in so many ms. A computer that slept wakes with no more than that. */
const BURST_MS = 250
/** Who has not asked for so long, in ms, leaves its part to the others. */
const IDLE_MS = 1_000

/** A rate that is divided evenly among those who ask, whoever asks first, most often or for most; what one leaves, the others get. */
export interface FairShares {
  /** Bytes per second, or null for no limit; credit above the new burst is lost. `now` is monotonic, in ms, here and below. */
  setRate(bytesPerSecond: number | null, now: number): void
  /** Bytes that `id` may have now. */
  available(id: string, now: number): number
  /** Takes what was available. */
  spend(id: string, bytes: number): void
  /** Bytes per second that each gets while all ask; null: no limit. */
  rateOfEach(): number | null
}

interface Share {
  credit: number
  askedAt: number
}

export function createFairShares(): FairShares {
  const shares = new Map<string, Share>()
  let rate: number | null = null
  let countedAt = 0
  /** Credit of nobody: it came while nobody asked. */
  let spare = 0

  function count(now: number): void {
    const elapsed = Math.min(BURST_MS, Math.max(0, now - countedAt))
    countedAt = now
    if (rate === null) return
    for (const [id, { askedAt, credit }] of shares) if (now - askedAt > IDLE_MS && shares.delete(id)) spare += credit
    deal((rate * elapsed) / 1000 + spare, (rate * BURST_MS) / 1000)
  }

  /** Gives every share as much, up to an even part of `most`; what is over goes to those that have room, and is lost when none has. */
  function deal(bytes: number, most: number): void {
    spare = shares.size === 0 ? Math.min(most, bytes) : 0
    // A part of less than one byte would never let one through.
    const full = most === 0 ? 0 : Math.max(1, most / shares.size)
    let left = bytes
    for (const share of shares.values()) {
      left += Math.max(0, share.credit - full)
      share.credit = Math.min(share.credit, full)
    }
    let open = [...shares.values()].filter(({ credit }) => credit < full)
    while (open.length > 0 && left > 0) {
      const each = left / open.length
      left = 0
      for (const share of open) {
        const given = Math.min(each, full - share.credit)
        share.credit += given
        left += each - given
      }
      open = open.filter(({ credit }) => credit < full)
    }
  }

  return {
    setRate(bytesPerSecond, now) {
      count(now)
      if (rate === null) {
        shares.clear()
        spare = 0
      }
      rate = bytesPerSecond
      count(now)
    },
    available(id, now) {
      if (rate === null) return Number.POSITIVE_INFINITY
      const share = shares.get(id) ?? { credit: 0, askedAt: now }
      share.askedAt = now
      shares.set(id, share)
      count(now)
      return Math.floor(share.credit)
    },
    spend(id, bytes) {
      const share = shares.get(id)
      if (share !== undefined && rate !== null) share.credit -= bytes
    },
    rateOfEach: () => (rate === null ? null : rate / Math.max(1, shares.size)),
  }
}
