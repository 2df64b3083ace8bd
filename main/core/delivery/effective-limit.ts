import type { Settings } from '../../../contract/app.ts'
import type { Clock, SettingsStore } from '../ports.ts'
import type { Headroom } from './headroom.ts'
import { limitAt, type ScheduledLimit } from './speed-schedule.ts'

/** How often the settings and the schedule are looked at again while something downloads, in ms. */
const LOOK_AGAIN_MS = 1_000
/** How long a timer towards the next change of the schedule may run, in ms: somebody may set the clock meanwhile. */
const LONGEST_WAIT_MS = 60_000
/** How long an answer of the schedule counts at most, in ms: later changes come into sight. */
const FRESH_MS = 3_600_000

/** The limit over all downloads: bytes per second (null: none, 0: everything is held), where it comes from, and when the schedule changes it next (ms since 1970 UTC). */
export interface EffectiveLimit {
  readonly bytesPerSecond: number | null
  readonly source: 'none' | 'always' | 'schedule' | 'headroom'
  readonly until: number | null
}

/** Follows the limit that the settings, the hour and the line give together. */
export interface LimitWatch {
  /** The limit now; looked at again when a second has passed since the last time. */
  current(): EffectiveLimit
  /** Looks now. */
  look(): void
  onChange(listener: (limit: EffectiveLimit) => void): () => void
  close(): void
}

interface WatchNeeds {
  readonly clock: Clock
  readonly settings: Pick<SettingsStore, 'get' | 'onChange'>
  /** The name of the computer's time zone. */
  readonly timeZone: () => string
  readonly headroom: Pick<Headroom, 'capacity' | 'isMeasuring'>
}

export function createLimitWatch({ clock, settings, timeZone, headroom }: WatchNeeds): LimitWatch {
  const listeners = new Set<(limit: EffectiveLimit) => void>()
  const scheduled = createScheduleReader(timeZone)
  let limit: EffectiveLimit = { bytesPerSecond: null, source: 'none', until: null }
  let lookedAt = 0
  let stopTimer: () => void = () => {}

  const stopSettings = settings.onChange(look)
  look()

  function look(): void {
    lookedAt = clock.monotonic()
    const before = limit
    limit = limitNow(settings.get())
    stopTimer()
    stopTimer = () => {}
    if (limit.until !== null)
      stopTimer = clock.after(Math.min(Math.max(0, limit.until - clock.now()), LONGEST_WAIT_MS), look)
    if (isSame(before, limit)) return
    for (const listener of [...listeners]) listener(limit)
  }

  function limitNow(chosen: Settings): EffectiveLimit {
    const base = baseLimit(chosen, scheduled(chosen, clock.now()))
    const now = clock.monotonic()
    if (chosen.headroomPercent === 0 || base.bytesPerSecond === 0) return base
    const capacity = headroom.capacity(now)
    if (capacity === null || headroom.isMeasuring(now))
      return base.bytesPerSecond === null ? { ...base, source: 'headroom' } : base
    const left = Math.max(1, Math.floor(capacity * (1 - chosen.headroomPercent / 100)))
    const most = base.bytesPerSecond ?? Number.POSITIVE_INFINITY
    return left < most ? { ...base, bytesPerSecond: left, source: 'headroom' } : base
  }

  return {
    current() {
      const isPast = limit.until !== null && clock.now() >= limit.until
      if (isPast || clock.monotonic() - lookedAt >= LOOK_AGAIN_MS) look()
      return limit
    },
    look,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      stopSettings()
      stopTimer()
      listeners.clear()
    },
  }
}

function baseLimit({ bandwidthLimit }: Settings, { bytesPerSecond, source, until }: ScheduledLimit): EffectiveLimit {
  // Holding everything is for a gig: no hour of the schedule lets bytes through meanwhile.
  if (bandwidthLimit === 0) return { bytesPerSecond: 0, source: 'always', until: null }
  if (source === 'schedule') return { bytesPerSecond, source, until }
  return { bytesPerSecond: bandwidthLimit, source: bandwidthLimit === null ? 'none' : 'always', until }
}

function isSame(a: EffectiveLimit, b: EffectiveLimit): boolean {
  return a.bytesPerSecond === b.bytesPerSecond && a.source === b.source && a.until === b.until
}

/** Asks the schedule again only when its answer may have changed: working it out means asking the system about many days. */
function createScheduleReader(timeZone: () => string): (settings: Settings, now: number) => ScheduledLimit {
  let last = { key: '', at: 0, answer: limitAt([], 0, 'UTC') }
  return ({ speedSchedule }, now) => {
    const zone = timeZone()
    const key = JSON.stringify([zone, speedSchedule])
    const end = Math.min(last.at + FRESH_MS, last.answer.until ?? Number.POSITIVE_INFINITY)
    if (key !== last.key || now < last.at || now >= end)
      last = { key, at: now, answer: limitAt(speedSchedule, now, zone) }
    return last.answer
  }
}
