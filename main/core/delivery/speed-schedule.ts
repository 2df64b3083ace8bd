import type { SpeedWindow } from '../../../contract/app.ts'
import { createZone, type LocalDay, type Zone } from './time-zone.ts'

/** What a schedule says of one moment. */
export interface ScheduledLimit {
  /** Bytes per second; null: no limit. */
  readonly bytesPerSecond: number | null
  /** `none`: no window holds the moment. */
  readonly source: 'schedule' | 'none'
  /** When the answer changes next, in ms since 1970 UTC, at most 8 days on; null when it stays as it is that long. */
  readonly until: number | null
}

const HORIZON_DAYS = 8
const DAY_MS = 86_400_000

/**
 * The limit of the first window that holds `now` (ms since 1970 UTC). A window begins when the clocks of the zone first show its `from` on one of
 * its `days`, and ends when they first show its `to` after that: at once when the hour between was skipped, and not again when an hour comes twice.
 */
export function limitAt(windows: readonly SpeedWindow[], now: number, timeZone: string): ScheduledLimit {
  const zone = createZone(timeZone)
  const spans = windows.flatMap((window) => spansOf(window, now, zone))
  const here = spanAt(spans, now)
  const changes = spans.flatMap(({ start, end }) => [start, end])
  const until = changes
    .filter((at) => at > now && at <= now + HORIZON_DAYS * DAY_MS)
    .sort((a, b) => a - b)
    .find((at) => !isSame(spanAt(spans, at), here))
  return {
    bytesPerSecond: here?.bytesPerSecond ?? null,
    source: here === undefined ? 'none' : 'schedule',
    until: until ?? null,
  }
}

/** One occurrence of a window: from `start` on, before `end`. */
interface Span {
  readonly start: number
  readonly end: number
  readonly bytesPerSecond: number | null
}

/** The occurrences that can hold a moment between `now` and the horizon, in the order of their days. */
function spansOf({ days, from, to, bytesPerSecond }: SpeedWindow, now: number, zone: Zone): Span[] {
  const first = minutesOf(from)
  const last = minutesOf(to)
  const today = zone.dayOf(now)
  const spans: Span[] = []
  // One that began yesterday may still hold; a day more on either side costs little and covers days that a zone leaves out.
  for (let offset = -2; offset <= HORIZON_DAYS + 1; offset++) {
    const day = addDays(today, offset)
    if (!days.includes(weekdayOf(day))) continue
    const start = zone.firstAt(day, first)
    const end = zone.firstAt(last > first ? day : addDays(day, 1), last)
    if (end > start) spans.push({ start, end, bytesPerSecond })
  }
  return spans
}

/** `spans` stand in the order of their windows, so the first one wins. */
function spanAt(spans: readonly Span[], at: number): Span | undefined {
  return spans.find(({ start, end }) => start <= at && at < end)
}

function isSame(a: Span | undefined, b: Span | undefined): boolean {
  return (a === undefined) === (b === undefined) && a?.bytesPerSecond === b?.bytesPerSecond
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

function addDays({ year, month, day }: LocalDay, days: number): LocalDay {
  const moved = new Date(Date.UTC(year, month - 1, day + days))
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() }
}

/** 0: Sunday. */
function weekdayOf({ year, month, day }: LocalDay): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay()
}
