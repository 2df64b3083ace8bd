import { describe, expect, it } from 'vitest'
import { addsDevice, isFreshSignIn, takesSlot } from './rules.ts'

describe('registering a device', () => {
  it('needs a sign-in of the last ten minutes, to the millisecond', () => {
    const now = 1_000_000_000
    expect(isFreshSignIn(now - 600_000, now)).toBe(true)
    expect(isFreshSignIn(now - 600_001, now)).toBe(false)
  })

  it.each([
    ['a new key', null, 'persistent', true],
    ['a new key for one session', null, 'session', false],
    ['a key that has its slot', { kind: 'persistent', isRevoked: false }, 'persistent', false],
    ['a key whose device was removed', { kind: 'persistent', isRevoked: true }, 'persistent', true],
    ['a key that had a session only', { kind: 'session', isRevoked: false }, 'persistent', true],
    ['a key that gives its slot up', { kind: 'persistent', isRevoked: false }, 'session', false],
  ] as const)('R-DC-15: %s takes a slot: %#', (_what, known, kind, takes) => {
    expect(takesSlot(known, kind)).toBe(takes)
  })

  it('adds a device for a new key and for a removed one, not for one in use', () => {
    expect(addsDevice(null)).toBe(true)
    expect(addsDevice({ kind: 'persistent', isRevoked: true })).toBe(true)
    expect(addsDevice({ kind: 'persistent', isRevoked: false })).toBe(false)
  })
})
