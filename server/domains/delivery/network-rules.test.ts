import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseNetworks, looksCopied, type NetworkFacts } from './network-rules.ts'

const NOW = Date.UTC(2026, 0, 15)
const LONG_AGO = NOW - 86_400_000
const facts = (changes: Partial<NetworkFacts>): NetworkFacts => ({
  known: ['127.0.0.2/32'],
  home: '127.0.0.3/32',
  rebindsOfAttempt: 0,
  rebindsToday: 0,
  signedInAt: LONG_AGO,
  now: NOW,
  ...changes,
})

describe('networks of an attempt', () => {
  it('R-MM-44: adds nothing before the first byte or from a known network', () => {
    expect(chooseNetworks(facts({ known: [] }))).toEqual({ kind: 'known' })
    expect(chooseNetworks(facts({ home: '127.0.0.2/32', rebindsOfAttempt: 5 }))).toEqual({ kind: 'known' })
  })

  it('R-MM-44: adds a new network and keeps the four newest', () => {
    expect(chooseNetworks(facts({}))).toEqual({
      kind: 'rebound',
      networks: ['127.0.0.2/32', '127.0.0.3/32'],
      rebinds: 1,
      isReset: false,
    })
    expect(chooseNetworks(facts({ known: ['a', 'b', 'c', 'd'], home: 'e', rebindsOfAttempt: 4 }))).toEqual({
      kind: 'rebound',
      networks: ['b', 'c', 'd', 'e'],
      rebinds: 5,
      isReset: false,
    })
  })

  it('R-MM-44: stops after 5 of an attempt or 20 of a day, until a sign-in of the last 10 minutes', () => {
    expect(chooseNetworks(facts({ rebindsOfAttempt: 5 }))).toEqual({ kind: 'refused' })
    expect(chooseNetworks(facts({ rebindsToday: 20 }))).toEqual({ kind: 'refused' })
    expect(chooseNetworks(facts({ rebindsOfAttempt: 4, rebindsToday: 19 })).kind).toBe('rebound')
    const fresh = { rebindsOfAttempt: 5, rebindsToday: 20, signedInAt: NOW - 600_000 }
    expect(chooseNetworks(facts(fresh))).toMatchObject({ kind: 'rebound', rebinds: 1, isReset: true })
    expect(chooseNetworks(facts({ ...fresh, signedInAt: NOW - 600_001 }))).toEqual({ kind: 'refused' })
  })

  it('never holds more than four, always the newest, never one twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { minLength: 1, maxLength: 40 }),
        (homes) => {
          let known: readonly string[] = [homes[0] ?? '']
          for (const home of homes) {
            const choice = chooseNetworks(facts({ known, home }))
            if (choice.kind === 'rebound') known = choice.networks
            expect(known).toContain(home)
          }
          expect(known.length).toBeLessThanOrEqual(4)
          expect(new Set(known).size).toBe(known.length)
        },
      ),
    )
  })

  it('looks like a copied key from the fifth network on', () => {
    expect([4, 5].map(looksCopied)).toEqual([false, true])
  })
})
