import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../../tests/_kit/manual-clock.ts'
import type { Clock } from '../ports.ts'
import { hasLostAddress, hasSlept, watchForWaking } from './wake-watch.ts'

const AT = { now: 1_000_000, monotonic: 500 }

describe('DL10: sleep and another network are noticed', () => {
  it.each([
    ['a tick in time', 5_000, 5_000, false],
    ['a busy computer', 25_000, 25_000, false],
    ['sleep, with a clock that stands still meanwhile', 8 * 3_600_000, 5_000, true],
    ['sleep, with a clock that goes on', 40_000, 40_000, true],
    ['a clock that was set back', -86_400_000, 5_000, false],
    ['a clock that was set forward', 86_400_000, 5_000, true],
  ])('%s', (_, now, monotonic, slept) => {
    expect(hasSlept(AT, { now: AT.now + now, monotonic: AT.monotonic + monotonic }, 5_000)).toBe(slept)
  })

  it('an address that is gone is a change, one that came is none', () => {
    expect(hasLostAddress(['10.0.0.2'], ['10.0.0.2', '10.8.0.1'])).toBe(false)
    expect(hasLostAddress(['10.0.0.2'], ['192.168.1.5'])).toBe(true)
    expect(hasLostAddress(['10.0.0.2'], [])).toBe(true)
  })

  it('tells each time once, and nothing after its end', () => {
    const manual = createManualClock()
    let asleepMs = 0
    // In sleep the clock of the day goes on; the other one and its timers stand still.
    const clock: Clock = { ...manual, now: () => manual.now() + asleepMs }
    let addresses = ['10.0.0.2']
    const told: string[] = []
    const stop = watchForWaking({
      clock,
      addresses: () => addresses,
      onWake: () => told.push('wake'),
      onNewAddress: () => told.push('new'),
    })
    manual.advance(60_000)
    expect(told).toEqual([])
    asleepMs += 3_600_000
    manual.advance(10_000)
    expect(told).toEqual(['wake'])
    addresses = ['10.0.0.2', 'fd00::1']
    manual.advance(10_000)
    expect(told).toEqual(['wake', 'new'])
    addresses = ['192.168.1.5']
    manual.advance(10_000)
    expect(told).toEqual(['wake', 'new', 'wake'])
    stop()
    asleepMs += 3_600_000
    manual.advance(10_000)
    expect(told).toHaveLength(3)
  })
})
