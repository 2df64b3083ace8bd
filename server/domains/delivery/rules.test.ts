import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AttemptState } from '../../../contract/delivery.ts'
import {
  type AttemptFacts,
  byteBudget,
  chooseAttempt,
  completionOf,
  type Ending,
  endingOf,
  refundLimit,
  stateAfter,
} from './rules.ts'

const MIB = 1024 * 1024
const DAY_MS = 86_400_000
const NONE = { ofContent: 0, ofUser: 0 }
const NOW = Date.UTC(2026, 0, 15)

const attempt = (changes: Partial<AttemptFacts> = {}): AttemptFacts => ({
  id: 'a',
  state: 'active',
  closesAt: NOW + DAY_MS,
  settledAt: null,
  objectSha256: 'now',
  sizeBytes: 100 * MIB,
  bytesServed: 0,
  byteBudget: 100 * MIB,
  isWithdrawn: false,
  ...changes,
})
const first = (bytes: number): [number, number][] => [[0, bytes - 1]]
const choose = (attempts: AttemptFacts[], requestedId?: string, want = first(4 * MIB)) => {
  const choice = chooseAttempt({ attempts, requestedId, objectSha256: 'now', want, now: NOW })
  return choice.kind === 'refuse' ? choice.code : choice.kind
}

describe('the budget of an attempt', () => {
  it('is three times the file and 64 MiB', () => {
    expect(byteBudget(1_000_000_000)).toBe(3_067_108_864)
  })
})

describe('how an attempt ends', () => {
  it.each<[number, number, string]>([
    [100 * MIB, 0, 'released'],
    [100 * MIB, MIB, 'released'],
    [100 * MIB, MIB + 1, 'expired_charged'],
    [10_000_000, 500_000, 'released'],
    [10_000_000, 500_001, 'expired_charged'],
    [10, 0, 'released'],
    [10, 1, 'expired_charged'],
  ])('R-MM-48: of %d bytes, %d sent: %s', (sizeBytes, bytesServed, state) => {
    expect(stateAfter('window', { sizeBytes, bytesServed, refundsToday: NONE })).toBe(state)
    expect(stateAfter('cancelled', { sizeBytes, bytesServed, refundsToday: NONE })).toBe(state)
  })

  it('R-MM-48: gives back three times a day for a content and twenty times an account, but always what sent nothing', () => {
    const ended = (bytesServed: number, ofContent: number, ofUser: number): string =>
      stateAfter('cancelled', { sizeBytes: 100 * MIB, bytesServed, refundsToday: { ofContent, ofUser } })
    expect(ended(1, 2, 19)).toBe('released')
    expect(ended(1, 3, 3)).toBe('expired_charged')
    expect(ended(1, 0, 20)).toBe('expired_charged')
    expect(ended(0, 3, 20)).toBe('released')
  })

  it('is revoked when access was withdrawn, whatever was sent', () => {
    const facts = { sizeBytes: 100 * MIB, bytesServed: 0, refundsToday: NONE }
    expect(stateAfter('access-withdrawn', facts)).toBe('revoked')
    expect(stateAfter('device-revoked', facts)).toBe('released')
    expect(stateAfter('device-revoked', { ...facts, bytesServed: 50 * MIB })).toBe('revoked')
  })

  it('never gives back more than 1 MiB or 5 % of the file', () => {
    const endings: Ending[] = ['window', 'cancelled', 'byte-budget', 'device-revoked', 'access-withdrawn']
    fc.assert(
      fc.property(
        fc.constantFrom(...endings),
        fc.nat(5_000_000_000),
        fc.nat(5_000_000_000),
        fc.record({ ofContent: fc.nat(30), ofUser: fc.nat(30) }),
        (ending, sizeBytes, bytesServed, refundsToday) => {
          const state = stateAfter(ending, { sizeBytes, bytesServed, refundsToday })
          if (state === 'released') expect(bytesServed <= MIB && bytesServed * 20 <= sizeBytes).toBe(true)
          if (state === 'expired_charged') expect(bytesServed).toBeGreaterThan(0)
        },
      ),
    )
    expect(refundLimit(40 * MIB)).toBe(MIB)
  })

  it('comes with the window, the withdrawal or the budget, and not before', () => {
    expect(endingOf(attempt(), first(4 * MIB), NOW)).toBeNull()
    expect(endingOf(attempt({ closesAt: NOW + 1 }), [], NOW)).toBeNull()
    expect(endingOf(attempt({ closesAt: NOW }), [], NOW)).toBe('window')
    expect(endingOf(attempt({ isWithdrawn: true }), [], NOW)).toBe('access-withdrawn')
    expect(endingOf(attempt({ bytesServed: 100 * MIB }), [], NOW)).toBe('byte-budget')
    expect(endingOf(attempt({ bytesServed: 96 * MIB }), first(4 * MIB), NOW)).toBeNull()
    expect(endingOf(attempt({ bytesServed: 96 * MIB + 1 }), first(4 * MIB), NOW)).toBe('byte-budget')
    expect(endingOf(attempt({ bytesServed: 99 * MIB, sizeBytes: MIB }), first(4 * MIB), NOW)).toBeNull()
    expect(endingOf(attempt({ state: 'delivered', closesAt: 0 }), [], NOW)).toBeNull()
  })
})

describe('which attempt init goes on with', () => {
  const settled = (state: AttemptState, days: number, changes: Partial<AttemptFacts> = {}): AttemptFacts =>
    attempt({ state, settledAt: NOW - days * DAY_MS, ...changes })

  it('R-MM-51: continues the open one, named or not', () => {
    expect(choose([attempt()])).toBe('continue')
    expect(choose([attempt()], 'a')).toBe('continue')
    expect(choose([settled('delivered', 1, { id: 'old' }), attempt()])).toBe('continue')
  })

  it('opens a new one where there is none, or only what has ended for good', () => {
    expect(choose([])).toBe('open')
    for (const state of ['released', 'revoked', 'delivered'] as const) expect(choose([settled(state, 1)])).toBe('open')
  })

  it('R-MM-48: opens a paid attempt again for 365 days, for the same file, while its budget lasts', () => {
    expect(choose([settled('expired_charged', 364)])).toBe('reopen')
    expect(choose([settled('expired_charged', 364)], 'a')).toBe('reopen')
    expect(choose([settled('expired_charged', 365)])).toBe('open')
    expect(choose([settled('expired_charged', 365)], 'a')).toBe('attempt-closed')
    expect(choose([settled('expired_charged', 1, { objectSha256: 'before' })])).toBe('open')
    expect(choose([settled('expired_charged', 1, { bytesServed: 100 * MIB })])).toBe('open')
    expect(choose([settled('expired_charged', 1, { bytesServed: 100 * MIB })], 'a')).toBe('byte-budget')
  })

  it('repairs a delivered one only when it is named', () => {
    expect(choose([settled('delivered', 400)], 'a')).toBe('repair')
    expect(choose([settled('delivered', 1, { bytesServed: 97 * MIB })], 'a')).toBe('byte-budget')
  })

  it('refuses a named one that is unknown, closed or withdrawn, and never charges for another instead', () => {
    expect(choose([attempt()], 'b')).toBe('not-found')
    expect(choose([settled('released', 1)], 'a')).toBe('attempt-closed')
    expect(choose([settled('delivered', 1, { isWithdrawn: true })], 'a')).toBe('content-revoked')
    expect(choose([settled('expired_charged', 1, { isWithdrawn: true })])).toBe('open')
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            state: fc.constantFrom(...AttemptState.options),
            bytesServed: fc.nat(120 * MIB),
            isWithdrawn: fc.boolean(),
            days: fc.nat(500),
          }),
          { maxLength: 5 },
        ),
        fc.constantFrom('0', '1', '9'),
        (rows, requestedId) => {
          const attempts = rows.map(({ days, ...row }, index) =>
            attempt({ ...row, id: String(index), settledAt: NOW - days * DAY_MS }),
          )
          const choice = chooseAttempt({ attempts, requestedId, objectSha256: 'now', want: first(1), now: NOW })
          expect(choice.kind).not.toBe('open')
          if ('attempt' in choice) expect(choice.attempt.id).toBe(requestedId)
        },
      ),
    )
  })
})

describe('completion', () => {
  it.each<[AttemptState | null, boolean, object]>([
    ['active', true, { refusal: null, isNew: true }],
    ['reserved', true, { refusal: null, isNew: true }],
    ['expired_charged', true, { refusal: null, isNew: true }],
    ['delivered', true, { refusal: null, isNew: false }],
    ['active', false, { refusal: 'hash-mismatch', isNew: false }],
    ['delivered', false, { refusal: 'hash-mismatch', isNew: false }],
    ['released', true, { refusal: 'attempt-closed', isNew: false }],
    ['revoked', true, { refusal: 'attempt-closed', isNew: false }],
    [null, true, { refusal: 'not-found', isNew: false }],
  ])('of an attempt that is %s, whole: %s', (state, isWhole, outcome) => {
    expect(completionOf(state, isWhole)).toEqual(outcome)
  })
})
