/** A length of music, from seconds: `5:41`, `1:02:09`. */
export function formatLength(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** How long something still takes, from seconds: `8 s`, `3 min`, `1 h 20 min`. */
export function formatRemaining(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const STEPS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** A moment as seen from `now` (ms since 1970): `2 hours ago`, `yesterday`; `just now` within a minute. */
export function formatSince(instant: string, now: number, locale?: string): string {
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000)
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size)
  if (step === undefined) return 'just now'
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  return relative.format(Math.trunc(seconds / step[1]), step[0])
}

/** A date in the user's zone: `21 Nov 2026`. */
export function formatDate(instant: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(instant))
}

/** The time of the day of a moment in the user's zone: `18:00`. */
export function formatClock(instant: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(new Date(instant))
}
