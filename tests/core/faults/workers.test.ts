import { describe, expect, it } from 'vitest'
import type { FaultCase } from './case.ts'
import { CASES } from './cases.ts'
import { runCasesInWorkers } from './run-case.ts'

const LEAST = 20
const CONNECTIONS = 4

/** One of each number whose fault lies with the server or on the line and needs no moved clock. */
function selection(): FaultCase[] {
  const seen = new Set<number>()
  return CASES.filter(({ number, by, isSilent, connections }) => {
    const isTheirs = (by === 'the server' || by === 'the line') && isSilent !== true && number !== 5
    if (!isTheirs || connections !== undefined || seen.has(number)) return false
    seen.add(number)
    return true
  })
}

describe('R-DC-13: the faults again, with the bytes in worker threads', () => {
  it(`are at least ${LEAST}`, () => expect(selection().length).toBeGreaterThanOrEqual(LEAST))
  runCasesInWorkers(selection(), CONNECTIONS)
})
