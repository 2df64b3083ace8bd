import { expect, test } from 'vitest'
import { createManualClock } from '../../../tests/_kit/manual-clock.ts'
import { DEFAULT_SETTINGS } from '../../adapters/default-settings.ts'
import { createLimitWatch } from './effective-limit.ts'

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]

function watch(bandwidthLimit: number | null) {
  const settings = {
    ...DEFAULT_SETTINGS,
    bandwidthLimit,
    speedSchedule: [{ days: EVERY_DAY, from: '00:00', to: '00:00', bytesPerSecond: 5_000_000 }],
  }
  return createLimitWatch({
    clock: createManualClock(),
    settings: { get: () => settings, onChange: () => () => {} },
    timeZone: () => 'UTC',
    headroom: { capacity: () => null, isMeasuring: () => false },
  })
}

test('DL9: a limit of 0 holds everything, whatever the hours of the schedule say', () => {
  expect(watch(0).current()).toEqual({ bytesPerSecond: 0, source: 'always', until: null })
})

test('DL9: any other limit gives way to the hours of the schedule', () => {
  expect(watch(1000).current()).toMatchObject({ bytesPerSecond: 5_000_000, source: 'schedule' })
  expect(watch(null).current()).toMatchObject({ bytesPerSecond: 5_000_000, source: 'schedule' })
})
