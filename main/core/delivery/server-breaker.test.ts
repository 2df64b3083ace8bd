import { describe, expect, it } from 'vitest'
import { createServerBreaker } from './server-breaker.ts'

const HOUR = 3_600_000

describe('DL7: trouble of the server holds all downloads back', () => {
  it('from the second download on that meets it with nothing gained in between', () => {
    const breaker = createServerBreaker(HOUR)
    breaker.failed('a', 1_000, false)
    breaker.failed('a', 2_000, false)
    expect(breaker.heldUntil(0)).toBeNull()
    breaker.succeeded()
    breaker.failed('b', 1_500, false)
    expect(breaker.heldUntil(0)).toBeNull()
    breaker.failed('c', 1_200, false)
    expect(breaker.heldUntil(0)).toBe(1_200)
    breaker.failed('b', 3_000, false)
    expect(breaker.heldUntil(1_300)).toBe(3_000)
    expect(breaker.heldUntil(3_000)).toBeNull()
  })

  it('ends with the first gain, unless the server asked for peace until a time', () => {
    const breaker = createServerBreaker(HOUR)
    breaker.failed('a', 1_000, false)
    breaker.failed('b', 1_000, false)
    breaker.succeeded()
    expect(breaker.heldUntil(0)).toBeNull()
    breaker.failed('c', 5_000, true)
    breaker.succeeded()
    expect(breaker.heldUntil(4_999)).toBe(5_000)
    expect(breaker.heldUntil(5_000)).toBeNull()
  })

  it('does not last for years when the clock is set back', () => {
    const breaker = createServerBreaker(HOUR)
    breaker.failed('a', 10 * 365 * 24 * HOUR, true)
    expect(breaker.heldUntil(0)).toBeNull()
  })
})
