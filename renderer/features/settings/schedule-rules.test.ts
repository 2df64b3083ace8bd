import { expect, test } from 'vitest'
import { Settings } from '../../../contract/app.ts'
import { dayWord, endsNextDay, NEW_WINDOW, scheduleProblem, WEEK } from './schedule-rules.ts'

const windows = Settings.shape.speedSchedule

test('DL9: hours that are kept pass the contract, and those that do not are named before they are sent', () => {
  expect(scheduleProblem(NEW_WINDOW)).toBeNull()
  expect(windows.safeParse([NEW_WINDOW]).success).toBe(true)
  for (const broken of [
    { ...NEW_WINDOW, days: [] },
    { ...NEW_WINDOW, from: '' },
    { ...NEW_WINDOW, to: '' },
  ]) {
    expect(scheduleProblem(broken)).toContain('until then the former hours apply')
    expect(windows.safeParse([broken]).success).toBe(false)
  }
})

test('DL9: hours that end at or before their beginning end on the next day', () => {
  expect(endsNextDay({ ...NEW_WINDOW, from: '22:00', to: '06:00' })).toBe(true)
  expect(endsNextDay({ ...NEW_WINDOW, from: '22:00', to: '22:00' })).toBe(true)
  expect(endsNextDay({ ...NEW_WINDOW, from: '06:00', to: '22:00' })).toBe(false)
})

test('a week begins with Monday, and its days have their names', () => {
  expect(WEEK.map((day) => dayWord(day, 'short', 'en'))).toEqual(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])
})
