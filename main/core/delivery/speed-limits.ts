import type { Clock, SettingsStore } from '../ports.ts'
import { createLimitWatch, type EffectiveLimit } from './effective-limit.ts'
import { createFairShares, type FairShares } from './fair-shares.ts'
import { createHeadroom } from './headroom.ts'
import { createSpeedGate } from './speed-gate.ts'

/** What one download may have, all its connections together. */
export interface SpeedLimit {
  /** The lower of its own limit and that over all, in bytes per second; null: none, 0: it is held. */
  bytesPerSecond(): number | null
  isLimited(): boolean
  /** The most bytes to read at once under that limit: a hundredth of a second's worth, because every connection reads before it pays. */
  mostAtOnce(): number
  /**
   * Waits until `bytes` more may come, at once where nothing limits; a change of a limit counts for those who wait already. Ends early, without an
   * error, when `signal` does. The pace is as even as the pieces are small: at most a tenth of a second's worth keeps it smooth.
   */
  take(bytes: number, signal: AbortSignal): Promise<void>
}

/** The limits on the speed of downloads: over all, by schedule, for the sake of others on the line, and for each alone. */
export interface SpeedLimits {
  effective(): EffectiveLimit
  forDownload(id: string): SpeedLimit
  /** Bytes per second for one download alone; null: no limit of its own, 0 holds it. */
  setDownloadLimit(id: string, bytesPerSecond: number | null): void
  /** Counts bytes that came from the network, each once, whether or not they were taken. */
  noteTaken(bytes: number): void
  /** Calls back after each change of the limit over all; the answer stops it. */
  onChange(listener: (limit: EffectiveLimit) => void): () => void
  /** Lets everyone go who waits. */
  close(): void
}

interface LimitNeeds {
  readonly clock: Clock
  readonly settings: Pick<SettingsStore, 'get' | 'onChange'>
  /** The name of the computer's time zone; left out, the system is asked. */
  readonly timeZone?: () => string
}

/** So many reads a second, each of so many bytes at least, hold even a very slow pace evenly. */
const READS_PER_SECOND = 100
const SMALLEST_READ = 256

interface OwnLimit {
  readonly bytesPerSecond: number
  readonly bucket: FairShares
}

/** Limits that follow the settings while they change. Nothing limits after `close`. */
export function createSpeedLimits({ clock, settings, timeZone = systemZone }: LimitNeeds): SpeedLimits {
  const all = createFairShares()
  const own = new Map<string, OwnLimit>()
  const headroom = createHeadroom()
  const watch = createLimitWatch({ clock, settings, timeZone, headroom })
  let isClosed = false

  const gate = createSpeedGate(clock, {
    available(id) {
      watch.current()
      const now = clock.monotonic()
      const shared = all.available(id, now)
      const alone = own.get(id)?.bucket.available(id, now) ?? Number.POSITIVE_INFINITY
      return Math.min(shared, alone)
    },
    spend(id, bytes) {
      all.spend(id, bytes)
      own.get(id)?.bucket.spend(id, bytes)
    },
    rateOf(id) {
      // Asked for those who wait: what a limit holds back does not show what the line can carry.
      headroom.spoil(clock.monotonic())
      return lowest([all.rateOfEach(), ownOf(id)]) ?? Number.POSITIVE_INFINITY
    },
  })

  function ownOf(id: string): number | null {
    return own.get(id)?.bytesPerSecond ?? null
  }

  function rateOf(id: string): number | null {
    return isClosed ? null : lowest([watch.current().bytesPerSecond, ownOf(id)])
  }

  function follow({ bytesPerSecond }: EffectiveLimit): void {
    all.setRate(bytesPerSecond, clock.monotonic())
    gate.serve()
  }

  watch.onChange(follow)
  follow(watch.current())

  return {
    effective: watch.current,
    forDownload: (id) => ({
      bytesPerSecond: () => rateOf(id),
      isLimited: () => rateOf(id) !== null,
      mostAtOnce: () => Math.max(SMALLEST_READ, Math.floor((rateOf(id) ?? Number.MAX_SAFE_INTEGER) / READS_PER_SECOND)),
      take: async (bytes, signal) => {
        if (rateOf(id) !== null) await gate.pass(id, bytes, signal)
      },
    }),
    setDownloadLimit(id, bytesPerSecond) {
      if (bytesPerSecond === ownOf(id)) return
      if (bytesPerSecond === null) {
        own.delete(id)
      } else {
        const bucket = own.get(id)?.bucket ?? createFairShares()
        bucket.setRate(bytesPerSecond, clock.monotonic())
        own.set(id, { bytesPerSecond, bucket })
      }
      gate.serve()
    },
    noteTaken(bytes) {
      const hasBegun = headroom.note(bytes, clock.monotonic())
      if (hasBegun) watch.look()
    },
    onChange: watch.onChange,
    close() {
      isClosed = true
      watch.close()
      gate.close()
    },
  }
}

function lowest(rates: readonly (number | null)[]): number | null {
  const limits = rates.filter((rate) => rate !== null)
  return limits.length === 0 ? null : Math.min(...limits)
}

function systemZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
