import { describe, expect, it } from 'vitest'
import { ANCHOR_CASES } from './anchor-cases.ts'
import { type OurOutcome, runOurs } from './run-anchor.ts'

/** The best of the others recovers 4 of these. */
const LEAST_RECOVERED = 10

describe('G2: the nineteen answers at which download programs are compared', () => {
  const outcomes: OurOutcome[] = []

  it.each(ANCHOR_CASES)('G2 $name ($what): $ours', async (of) => {
    const outcome = await runOurs(of)
    outcomes.push(outcome)
    expect(outcome).toBe(of.ours)
  })

  it('none is called done and wrong, and at least ten are recovered', () => {
    expect(outcomes).toHaveLength(ANCHOR_CASES.length)
    expect(outcomes.filter((outcome) => outcome === 'silent' || outcome === 'stuck')).toEqual([])
    expect(outcomes.filter((outcome) => outcome === 'recovered').length).toBeGreaterThanOrEqual(LEAST_RECOVERED)
  })
})
