import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SpeedWindow } from '../../../contract/app.ts'
import { limitAt } from './speed-schedule.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]
const BERLIN = 'Europe/Berlin'

const at = (iso: string) => Date.parse(iso)
const window = (days: number[], from: string, to: string, bytesPerSecond: number | null = 1000): SpeedWindow => ({
  days,
  from,
  to,
  bytesPerSecond,
})
/** When a window that is asked about on each minute holds, as minutes of UTC. */
function heldMinutes(one: SpeedWindow, from: string, to: string, zone: string): string[] {
  const held: string[] = []
  for (let moment = at(from); moment < at(to); moment += 60_000)
    if (limitAt([one], moment, zone).source === 'schedule') held.push(new Date(moment).toISOString().slice(11, 16))
  return held
}

describe('DL9: the schedule of speeds', () => {
  test('DL9: an empty one limits nothing and never changes', () => {
    expect(limitAt([], at('2026-03-01T12:00Z'), BERLIN)).toEqual({ bytesPerSecond: null, source: 'none', until: null })
  })

  test('DL9: a window holds from its first minute to the one before its last, in the zone of the computer', () => {
    const work = window([1, 2, 3, 4, 5], '09:00', '17:00')
    const inside = { bytesPerSecond: 1000, source: 'schedule', until: at('2026-01-14T16:00Z') }
    const before = { bytesPerSecond: null, source: 'none', until: at('2026-01-14T08:00Z') }
    expect(limitAt([work], at('2026-01-14T07:59:59.999Z'), BERLIN)).toEqual(before)
    expect(limitAt([work], at('2026-01-14T08:00Z'), BERLIN)).toEqual(inside)
    expect(limitAt([work], at('2026-01-14T15:59:59.999Z'), BERLIN)).toEqual(inside)
    // On Friday evening the next change is on Monday.
    expect(limitAt([work], at('2026-01-16T16:00Z'), BERLIN)).toMatchObject({ until: at('2026-01-19T08:00Z') })
  })

  test('DL9: one over midnight belongs to the day on which it begins', () => {
    const friday = window([5], '23:30', '06:15', 0)
    expect(limitAt([friday], at('2026-01-16T22:30Z'), BERLIN)).toEqual({
      bytesPerSecond: 0,
      source: 'schedule',
      until: at('2026-01-17T05:15Z'),
    })
    expect(limitAt([friday], at('2026-01-17T05:14Z'), BERLIN)).toMatchObject({ source: 'schedule' })
    expect(limitAt([friday], at('2026-01-17T05:15Z'), BERLIN)).toMatchObject({ source: 'none' })
    expect(limitAt([friday], at('2026-01-16T02:00Z'), BERLIN)).toMatchObject({ source: 'none' })
  })

  test('DL9: equal times mean the whole day that begins then', () => {
    const sunday = window([0], '00:00', '00:00')
    expect(limitAt([sunday], at('2026-01-17T23:00Z'), BERLIN)).toMatchObject({
      source: 'schedule',
      until: at('2026-01-18T23:00Z'),
    })
    const always = window(EVERY_DAY, '05:00', '05:00')
    expect(limitAt([always], at('2026-01-17T23:00Z'), BERLIN)).toEqual({
      bytesPerSecond: 1000,
      source: 'schedule',
      until: null,
    })
  })

  test('DL9: the first window that holds the moment wins, and a change to the same limit is none', () => {
    const windows = [
      window(EVERY_DAY, '12:00', '13:00', null),
      window(EVERY_DAY, '08:00', '14:00', 500),
      window(EVERY_DAY, '14:00', '16:00', 500),
    ]
    const limits = ['07', '08', '11', '12', '13', '15', '16'].map((hour) =>
      limitAt(windows, at(`2026-07-01T${hour}:00Z`), 'UTC'),
    )
    expect(limits.map(({ source, bytesPerSecond }) => [source, bytesPerSecond])).toEqual([
      ['none', null],
      ['schedule', 500],
      ['schedule', 500],
      ['schedule', null],
      ['schedule', 500],
      ['schedule', 500],
      ['none', null],
    ])
    expect(limits[4]?.until).toBe(at('2026-07-01T16:00Z'))
  })

  describe('on the days when the clocks change', () => {
    test('DL9: a window that the skipped hour cuts ends when the hour would have begun to count', () => {
      // 02:00 becomes 03:00 at 01:00 UTC.
      const held = heldMinutes(window([0], '01:30', '02:30'), '2026-03-28T23:00Z', '2026-03-29T06:00Z', BERLIN)
      expect([held[0], held.at(-1), held.length]).toEqual(['00:30', '00:59', 30])
    })

    test('DL9: a window inside the skipped hour is left out, one that begins inside it begins after it', () => {
      expect(heldMinutes(window([0], '02:10', '02:50'), '2026-03-28T23:00Z', '2026-03-29T06:00Z', BERLIN)).toEqual([])
      const held = heldMinutes(window([0], '02:30', '04:00'), '2026-03-28T23:00Z', '2026-03-29T06:00Z', BERLIN)
      expect([held[0], held.at(-1), held.length]).toEqual(['01:00', '01:59', 60])
    })

    test('DL9: a window in the hour that comes twice holds once, in one piece', () => {
      // 03:00 becomes 02:00 at 01:00 UTC.
      const held = heldMinutes(window([0], '01:30', '02:30'), '2026-10-24T22:00Z', '2026-10-25T06:00Z', BERLIN)
      expect([held[0], held.at(-1), held.length]).toEqual(['23:30', '00:29', 60])
      const later = heldMinutes(window([0], '02:30', '03:30'), '2026-10-24T22:00Z', '2026-10-25T06:00Z', BERLIN)
      expect([later[0], later.at(-1), later.length]).toEqual(['00:30', '02:29', 120])
    })

    test('DL9: the whole day has 23 or 25 hours', () => {
      for (const [day, next] of [
        ['2026-03-28T23:00Z', '2026-03-29T22:00Z'],
        ['2026-10-24T22:00Z', '2026-10-25T23:00Z'],
      ] as const)
        expect(limitAt([window([0], '00:00', '00:00')], at(day), BERLIN)).toMatchObject({
          source: 'schedule',
          until: at(next),
        })
    })

    test('DL9: a night over the change ends when the clocks show its end', () => {
      const night = window([6], '22:00', '07:00')
      expect(limitAt([night], at('2026-03-28T21:00Z'), BERLIN).until).toBe(at('2026-03-29T05:00Z'))
      expect(limitAt([night], at('2026-10-24T20:00Z'), BERLIN).until).toBe(at('2026-10-25T06:00Z'))
    })
  })
})

/** Moments close to changes of the clocks, and others. */
const changes = [
  '2026-03-08T07:00Z',
  '2026-03-29T01:00Z',
  '2026-04-04T15:00Z',
  '2026-10-03T15:30Z',
  '2026-10-25T01:00Z',
]
const moments = fc.oneof(
  fc.tuple(fc.constantFrom(...changes, '2026-11-01T06:00Z'), fc.integer({ min: -36 * 60, max: 36 * 60 })),
  fc.tuple(fc.constant('2026-06-15T00:00Z'), fc.integer({ min: -180 * 24 * 60, max: 180 * 24 * 60 })),
)
const zones = fc.constantFrom(
  BERLIN,
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Africa/Cairo',
)
const times = fc
  .integer({ min: 0, max: 47 })
  .map((half) => `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`)
const schedules = fc.array(
  fc.record({
    days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
    from: times,
    to: times,
    bytesPerSecond: fc.option(fc.constantFrom(0, 1, 1000)),
  }),
  { minLength: 1, maxLength: 4 },
)
const cases = fc.record({ windows: schedules, moment: moments, zone: zones })

/** The day and minute that clocks show, as one number that grows with both; asked of the system for each half hour. */
function shown(moment: number, zone: string): { day: number; minutes: number } {
  const [date = '', time = ''] = new Date(moment).toLocaleString('sv-SE', { timeZone: zone }).split(' ')
  return { day: Date.parse(`${date}T00:00Z`) / DAY, minutes: Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5)) }
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** What the definition says, by looking at the clocks of every half hour around. */
function limitByLooking(windows: readonly SpeedWindow[], moment: number, zone: string) {
  const steps: { at: number; day: number; minutes: number }[] = []
  for (let step = moment - 80 * HOUR; step <= moment + 80 * HOUR; step += HOUR / 2)
    steps.push({ at: step, ...shown(step, zone) })
  const firstAt = (day: number, minutes: number) =>
    steps.find((step) => step.day > day || (step.day === day && step.minutes >= minutes))?.at ??
    Number.POSITIVE_INFINITY
  const today = shown(moment, zone).day
  const held = windows.find(({ days, from, to }) =>
    [-1, 0].some((offset) => {
      const day = today + offset
      const [first, last] = [minutesOf(from), minutesOf(to)]
      const weekday = new Date(day * DAY).getUTCDay()
      const ends = firstAt(last > first ? day : day + 1, last)
      return days.includes(weekday) && firstAt(day, first) <= moment && moment < ends
    }),
  )
  return { source: held === undefined ? 'none' : 'schedule', bytesPerSecond: held?.bytesPerSecond ?? null }
}

describe('DL9: any schedule, anywhere, around any change of the clocks', () => {
  test('DL9: the limit is the one that the clocks on the wall say', () => {
    fc.assert(
      fc.property(cases, ({ windows, moment: [near, minutes], zone }) => {
        // On the half hours, because the windows and the clocks that look begin on them.
        const moment = at(near) + Math.round(minutes / 30) * (HOUR / 2)
        const { source, bytesPerSecond } = limitAt(windows, moment, zone)
        expect({ source, bytesPerSecond }).toEqual(limitByLooking(windows, moment, zone))
      }),
      { numRuns: 150 },
    )
  })

  test('DL9: the next change lies ahead, at most 8 days on; until then nothing changes, and then it does', () => {
    const between = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 4 })
    fc.assert(
      fc.property(cases, between, ({ windows, moment: [near, minutes], zone }, parts) => {
        const moment = at(near) + minutes * 60_000
        const { until, ...limit } = limitAt(windows, moment, zone)
        const end = until ?? moment + 8 * DAY
        expect(end).toBeGreaterThan(moment)
        expect(end).toBeLessThanOrEqual(moment + 8 * DAY)
        for (const part of [...parts, 0.999_999]) {
          const later = Math.min(end - 1, Math.floor(moment + (end - moment) * part))
          expect(limitAt(windows, later, zone)).toMatchObject(limit)
        }
        if (until !== null) {
          const { until: _, ...next } = limitAt(windows, until, zone)
          expect(next).not.toEqual(limit)
        }
      }),
      { numRuns: 300 },
    )
  })
})
