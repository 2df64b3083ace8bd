import type { SpeedWindow } from '../../../contract/app.ts'

/** The days as they stand in a week, Monday first; 0 is Sunday. */
export const WEEK: readonly number[] = [1, 2, 3, 4, 5, 6, 0]

/** What new hours begin as: evenings of all days, held low. */
export const NEW_WINDOW: SpeedWindow = {
  days: [0, 1, 2, 3, 4, 5, 6],
  from: '18:00',
  to: '23:00',
  bytesPerSecond: 2_000_000,
}

const A_SUNDAY = Date.UTC(2026, 0, 4)
const DAY_MS = 86_400_000

/** The name of a day in the user's language. */
export function dayWord(day: number, weekday: 'short' | 'long', locale?: string): string {
  return new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' }).format(A_SUNDAY + day * DAY_MS)
}

/** A time of the day as the user's language writes it, from `18:00`. */
export function clockWord(time: string, locale?: string): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const at = Date.UTC(2026, 0, 4, hour, minute)
  return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(at)
}

/** Whether hours end on the day after the one on which they begin. */
export function endsNextDay({ from, to }: SpeedWindow): boolean {
  return to <= from
}

/** What is not whole about hours, as a sentence; null when they can be kept. */
export function scheduleProblem({ days, from, to }: SpeedWindow): string | null {
  if (days.length === 0) return 'Choose at least one day; until then the former hours apply.'
  if (from === '' || to === '') return 'Give both times; until then the former hours apply.'
  return null
}
