/** A day of the calendar; months from 1. */
export interface LocalDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** The clocks of one time zone. */
export interface Zone {
  /** The day that they show at a moment (ms since 1970 UTC). */
  dayOf(at: number): LocalDay
  /** The first moment (ms since 1970 UTC) at which they show that day and so many minutes of it, or jump past that. */
  firstAt(day: LocalDay, minutes: number): number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** `name` is one of the IANA time zone database. Throws `RangeError` for others. */
export function createZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offsets = new Map<number, number>()

  /** What the clocks show, as if it were UTC. */
  function shownAt(at: number): number {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second)
  }

  function offsetAt(at: number): number {
    const second = Math.floor(at / 1000) * 1000
    const known = offsets.get(second)
    if (known !== undefined) return known
    const offset = shownAt(second) - second
    offsets.set(second, offset)
    return offset
  }

  /** When the offset changes between two moments of which it is known that it does. */
  function changeBetween(before: number, after: number): number {
    const offset = offsetAt(before)
    let [low, high] = [before, after]
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000
      if (offsetAt(middle) === offset) low = middle
      else high = middle
    }
    return high
  }

  return {
    dayOf(at) {
      const shown = new Date(shownAt(at))
      return { year: shown.getUTCFullYear(), month: shown.getUTCMonth() + 1, day: shown.getUTCDate() }
    },
    firstAt({ year, month, day }, minutes) {
      const shown = Date.UTC(year, month - 1, day) + minutes * MINUTE_MS
      // No clock is a whole day away from UTC, so the moment lies between these, and one change of the clocks at most with it.
      const [before, after] = [shown - DAY_MS, shown + DAY_MS]
      const early = shown - offsetAt(before)
      if (offsetAt(before) === offsetAt(after)) return early
      const change = changeBetween(before, after)
      return early < change ? early : Math.max(change, shown - offsetAt(after))
    },
  }
}
